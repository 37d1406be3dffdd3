# PowerShell's words for jobs and sessions, in the session of a notebook's cells. Each hands its parameters to the
# kernel in a call of the host (a prompt with one field of a name that the kernel knows) and gets what to write. Only
# what every PowerShell has is used here.
#
# They are functions of the global scope, not of a module: a script block that is run here sees the caller's variables.
# What a parameter is called would hide such a variable, so parameters are taken away before (Clear-Parameter).

New-Module -Name jobmagics -ScriptBlock {
    function ConvertTo-Text([string] $Word, [hashtable] $Words) {
        [System.Management.Automation.PSSerializer]::Serialize(@{ Word = $Word; Words = $Words }, 4)
    }

    function Send-Text([string] $Text) {
        $fields = [System.Collections.ObjectModel.Collection[System.Management.Automation.Host.FieldDescription]]::new()
        $fields.Add([System.Management.Automation.Host.FieldDescription]::new('jobmagics:request'))
        $answer = $Host.UI.Prompt('', $Text, $fields)
        [System.Management.Automation.PSSerializer]::Deserialize([string]$answer['jobmagics:request'])
    }

    function Send-Request([string] $Word, [hashtable] $Words) { Send-Text (ConvertTo-Text $Word $Words) }

    function ConvertTo-Word($Value) {
        if ($Value -is [System.Management.Automation.SwitchParameter]) { return [bool]$Value }
        if ($Value -is [scriptblock] -or $Value -is [enum] -or $Value -is [uri]) { return $Value.ToString() }
        if ($Value.PSTypeNames -contains 'System.Management.Automation.Job#jobmagics') { return @{ Job = [string]$Value.InstanceId } }
        if ($Value.PSTypeNames -contains 'System.Management.Automation.Runspaces.PSSession#jobmagics') { return @{ Session = [string]$Value.InstanceId } }
        $Value
    }

    function ConvertTo-Option($Value) {
        $option = @{}
        foreach ($name in 'OpenTimeout', 'CancelTimeout', 'OperationTimeout', 'IdleTimeout') {
            if ($null -ne $Value.$name) { $option[$name] = $Value.$name.TotalSeconds }
        }
        foreach ($name in 'SkipCACheck', 'SkipCNCheck', 'NoMachineProfile', 'MaxConnectionRetryCount') {
            if ($null -ne $Value.$name) { $option[$name] = $Value.$name }
        }
        $option['OutputBufferingMode'] = [string]$Value.OutputBufferingMode
        $option
    }

    # values of $using: are those that the caller sees
    function Get-UsingValue($Cmdlet, [string] $Text) {
        $values = @{}
        foreach ($found in [regex]::Matches($Text, '(?i)[$@](?:using:(\w+)|\{using:([^}]+)\})')) {
            $name = $found.Groups[1].Value + $found.Groups[2].Value
            $variable = $Cmdlet.SessionState.PSVariable.Get($name)
            if ($null -ne $variable) { $values[$name] = ConvertTo-Word $variable.Value }
        }
        $values
    }

    $common = 'Verbose', 'Debug', 'ErrorAction', 'WarningAction', 'InformationAction', 'ProgressAction', 'ErrorVariable',
        'WarningVariable', 'InformationVariable', 'OutVariable', 'OutBuffer', 'PipelineVariable', 'WhatIf', 'Confirm'

    function ConvertTo-Request($Cmdlet, $Bound) {
        $words = @{}
        foreach ($name in $Bound.Keys) {
            if ($common -contains $name) { continue }
            $value = $Bound[$name]
            if ($name -eq 'Credential') { $words[$name] = if ($value -is [pscredential]) { $value.UserName } else { [string]$value } }
            elseif ($name -eq 'SessionOption') { $words[$name] = ConvertTo-Option $value }
            elseif ($value -is [array] -or $value -is [System.Collections.Generic.List[object]]) {
                $words[$name] = @(foreach ($each in $value) { , (ConvertTo-Word $each) })
            }
            else { $words[$name] = ConvertTo-Word $value }
        }
        foreach ($name in 'ScriptBlock', 'FilePath') {
            if ($null -eq $words[$name]) { continue }
            if ($name -eq 'FilePath') { $words['ScriptBlock'] = Get-Content -Raw -LiteralPath (Convert-Path -Path $words[$name] -ErrorAction Stop) }
            $words['Using'] = Get-UsingValue $Cmdlet $words['ScriptBlock']
        }
        $words
    }

    function New-JobObject($Facts) {
        $made = [pscustomobject]@{
            Id = $Facts.Id; Name = $Facts.Name; InstanceId = $Facts.InstanceId; PSJobTypeName = $Facts.PSJobTypeName
            Location = $Facts.Location; Command = $Facts.Command
            ChildJobs = @(foreach ($child in $Facts.ChildJobs) { New-JobObject $child })
        }
        $made.PSTypeNames.Insert(0, 'System.Management.Automation.Job')
        $made.PSTypeNames.Insert(0, 'System.Management.Automation.Job#jobmagics')
        $made
    }

    function New-SessionObject($Facts) {
        $made = [pscustomobject]@{
            Id = $Facts.Id; Name = $Facts.Name; InstanceId = $Facts.InstanceId; Transport = $Facts.Transport
            ComputerName = $Facts.ComputerName; ComputerType = $Facts.ComputerType; ConfigurationName = $Facts.ConfigurationName
        }
        $made | Add-Member -Force -MemberType ScriptMethod -Name ToString -Value { "[PSSession]$($this.Name)" }
        $made.PSTypeNames.Insert(0, 'System.Management.Automation.Runspaces.PSSession')
        $made.PSTypeNames.Insert(0, 'System.Management.Automation.Runspaces.PSSession#jobmagics')
        $made
    }

    function New-Failure($Entry) {
        $exception = [System.Management.Automation.RemoteException]::new($Entry.Value)
        # PowerShell adds the name of a function to the id of what it writes; the id as a whole is in the property
        $record = [System.Management.Automation.ErrorRecord]::new($exception, $Entry.ShortId, $Entry.Category, $Entry.Target)
        $record | Add-Member -Force -NotePropertyName FullyQualifiedErrorId -NotePropertyValue $Entry.Id
        if ($Entry.Computer) { $record | Add-Member -Force -NotePropertyName PSComputerName -NotePropertyValue $Entry.Computer }
        $record
    }

    $secret = @{
        Value = 'A secret cannot be sent to a job from here: what a job is given is kept on disk. Use -Credential with a name, or let the script ask (Get-Credential).'
        ShortId = 'SecretNotSent'; Id = 'SecretNotSent'; Category = 'SecurityError'
    }

    # What is asked. Secrets at any depth show in its text, which must not leave the session then
    function Get-RequestText($Cmdlet, [string] $Word, $Bound) {
        try { $text = ConvertTo-Text $Word (ConvertTo-Request $Cmdlet $Bound) }
        catch { $Cmdlet.ThrowTerminatingError($_) }
        if ($text -match '<SS[ >]') { $Cmdlet.ThrowTerminatingError((New-Failure $secret)) }
        $text
    }

    $write = @{
        output = { param($Cmdlet, $Entry) $Cmdlet.WriteObject($Entry.Value) }
        job = { param($Cmdlet, $Entry) $Cmdlet.WriteObject((New-JobObject $Entry.Value)) }
        session = { param($Cmdlet, $Entry) $Cmdlet.WriteObject((New-SessionObject $Entry.Value)) }
        error = { param($Cmdlet, $Entry) $Cmdlet.WriteError((New-Failure $Entry)) }
        fatal = { param($Cmdlet, $Entry) $Cmdlet.ThrowTerminatingError((New-Failure $Entry)) }
        warning = { param($Cmdlet, $Entry) $Cmdlet.WriteWarning($Entry.Value) }
        verbose = { param($Cmdlet, $Entry) $Cmdlet.WriteVerbose($Entry.Value) }
        debug = { param($Cmdlet, $Entry) $Cmdlet.WriteDebug($Entry.Value) }
        host = { param($Cmdlet, $Entry) Write-Host -Object $Entry.Value -NoNewline:$Entry.NoNewLine }
        information = { param($Cmdlet, $Entry) Write-Information -MessageData $Entry.Value -Tags @($Entry.Tags) }
        progress = {
            param($Cmdlet, $Entry)
            $details = @{ Activity = $Entry.Activity; Id = $Entry.Id; ParentId = $Entry.ParentId; Completed = $Entry.Completed }
            if ($Entry.Status) { $details.Status = $Entry.Status }
            if ($Entry.Percent -ge 0) { $details.PercentComplete = $Entry.Percent }
            Write-Progress @details
        }
    }

    $preferences = 'ErrorActionPreference', 'WarningPreference', 'VerbosePreference', 'DebugPreference', 'InformationPreference', 'ProgressPreference'

    function Invoke-JobWord($Cmdlet, [string] $Word, $Bound) {
        $text = Get-RequestText $Cmdlet $Word $Bound
        # a module does not see what its caller prefers
        foreach ($name in $preferences) { Set-Variable -Name $name -Value $Cmdlet.SessionState.PSVariable.GetValue($name) }
        $answer = Send-Text $text
        $left = '' # break or continue: whoever is written to may leave with them, and no loop of ours is meant
        try {
            while ($true) {
                if ($left) { $left = 'continue'; break }
                $left = 'break'
                $answer.Entries | ForEach-Object { & $write[$_.Kind] $Cmdlet $_ }
                $left = ''
                if (-not $answer.More) { return }
                $answer = Send-Request 'More' @{ Token = $answer.More }
            }
        }
        finally { # left early, by Select-Object -First or an error too; a stopped pipeline may ask nothing any more
            if ($answer.More -and -not $Cmdlet.Stopping) { $null = Send-Request 'Leave' @{ Token = $answer.More } }
        }
        if ($left -eq 'break') { break } else { continue }
    }

    # -WhatIf, -Confirm and what is preferred, of the words that have them
    function Test-Process($Cmdlet, $Targets) {
        $command = $Cmdlet.MyInvocation.MyCommand
        -not $command.Parameters.ContainsKey('WhatIf') -or $Cmdlet.ShouldProcess("$($Targets.Name)", $command.Name)
    }

    # Those that PowerShell itself made in this session (& at the end of a line, ForEach-Object -Parallel -AsJob) are its own
    function Invoke-OnJobs($Cmdlet, $Bound, $Jobs) {
        $word = $Cmdlet.MyInvocation.MyCommand.Name
        $real = @($Jobs | Where-Object { $_ -is [System.Management.Automation.Job] })
        $ours = @($Jobs | Where-Object { $_ -isnot [System.Management.Automation.Job] })
        if ($real.Count) {
            $rest = @{}
            foreach ($name in $Bound.Keys) { if ($name -ne 'Job') { $rest[$name] = $Bound[$name] } }
            & "Microsoft.PowerShell.Core\$word" -Job $real @rest
        }
        if ($Bound.ContainsKey('Job')) {
            if (-not $ours.Count) { return }
            $Bound['Job'] = $ours
        }
        if (Test-Process $Cmdlet $ours) { Invoke-JobWord $Cmdlet $word $Bound }
    }

    function Invoke-OnSessions($Cmdlet, $Bound, $Sessions) {
        $word = $Cmdlet.MyInvocation.MyCommand.Name
        if ($Bound.ContainsKey('Session')) { $Bound['Session'] = $Sessions }
        if (Test-Process $Cmdlet $Sessions) { Invoke-JobWord $Cmdlet $word $Bound }
    }

    # what the kernel knows of a job or session now
    function Get-JobDetail([string] $Kind, $InstanceId, [string] $Stream) {
        (Send-Request 'Detail' @{ Kind = $Kind; InstanceId = [string]$InstanceId; Stream = $Stream }).Entries
    }

    Export-ModuleMember -Function Invoke-JobWord, Invoke-OnJobs, Invoke-OnSessions, Get-JobDetail
} | Import-Module -Global -DisableNameChecking

$(
    $job = @{ TypeName = 'System.Management.Automation.Job#jobmagics'; MemberType = 'ScriptProperty'; Force = $true }
    Update-TypeData @job -MemberName State -Value { [System.Management.Automation.JobState](Get-JobDetail Job $this.InstanceId).State }
    Update-TypeData @job -MemberName HasMoreData -Value { (Get-JobDetail Job $this.InstanceId).HasMoreData }
    Update-TypeData @job -MemberName StatusMessage -Value { (Get-JobDetail Job $this.InstanceId).StatusMessage }
    Update-TypeData @job -MemberName JobStateInfo -Value { (Get-JobDetail Job $this.InstanceId) | Select-Object -Property State, Reason }
    Update-TypeData @job -MemberName PSBeginTime -Value { (Get-JobDetail Job $this.InstanceId).PSBeginTime }
    Update-TypeData @job -MemberName PSEndTime -Value { (Get-JobDetail Job $this.InstanceId).PSEndTime }
    Update-TypeData @job -MemberName Output -Value { , @((Get-JobDetail Stream $this.InstanceId output).Value) }
    Update-TypeData @job -MemberName Error -Value { , @((Get-JobDetail Stream $this.InstanceId error).Value) }
    $session = @{ TypeName = 'System.Management.Automation.Runspaces.PSSession#jobmagics'; MemberType = 'ScriptProperty'; Force = $true }
    Update-TypeData @session -MemberName State -Value { (Get-JobDetail Session $this.InstanceId).State }
    Update-TypeData @session -MemberName Availability -Value { (Get-JobDetail Session $this.InstanceId).Availability }
    # a property that calls the host must not be asked while an object leaves the session
    Update-TypeData -TypeName $job.TypeName -SerializationMethod SpecificProperties -PropertySerializationSet Id, Name, InstanceId -Force
    Update-TypeData -TypeName $session.TypeName -SerializationMethod SpecificProperties -PropertySerializationSet Id, Name, InstanceId -Force
    Remove-Variable -Name job, session
)

function global:Invoke-Command {
    [CmdletBinding(DefaultParameterSetName = 'InProcess')]
    param(
        [Parameter(Position = 0, ParameterSetName = 'ComputerName')][Alias('Cn')][psobject[]] $ComputerName,
        [Parameter(Mandatory, ParameterSetName = 'HostName')][string[]] $HostName,
        [Parameter(Mandatory, ParameterSetName = 'Uri')][Alias('URI', 'CU')][uri[]] $ConnectionUri,
        [Parameter(Mandatory, ParameterSetName = 'Session')][psobject[]] $Session,
        [Parameter(Position = 0, Mandatory, ParameterSetName = 'InProcess')]
        [Parameter(Position = 1, ParameterSetName = 'ComputerName')]
        [Parameter(Position = 0, ParameterSetName = 'HostName')]
        [Parameter(Position = 0, ParameterSetName = 'Uri')]
        [Parameter(Position = 0, ParameterSetName = 'Session')][Alias('Command')][scriptblock] $ScriptBlock,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'HostName')][Parameter(ParameterSetName = 'Uri')]
        [Parameter(ParameterSetName = 'Session')][Alias('PSPath')][string] $FilePath,
        [Parameter(ParameterSetName = 'InProcess')][switch] $NoNewScope,
        [Parameter(ParameterSetName = 'HostName')][string] $UserName,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'HostName')][int] $Port,
        [Parameter(ParameterSetName = 'ComputerName')][switch] $UseSSL,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][psobject] $Credential,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][string] $Authentication,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][string] $ConfigurationName,
        [Parameter(ParameterSetName = 'ComputerName')][string] $ApplicationName,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][psobject] $SessionOption,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][Alias('Disconnected')][switch] $InDisconnectedSession,
        [Parameter(ParameterSetName = 'ComputerName')][string[]] $SessionName,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'HostName')][Parameter(ParameterSetName = 'Uri')]
        [Parameter(ParameterSetName = 'Session')][int] $ThrottleLimit,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'HostName')][Parameter(ParameterSetName = 'Uri')]
        [Parameter(ParameterSetName = 'Session')][switch] $AsJob,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'HostName')][Parameter(ParameterSetName = 'Uri')]
        [Parameter(ParameterSetName = 'Session')][string] $JobName,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'HostName')][Parameter(ParameterSetName = 'Uri')]
        [Parameter(ParameterSetName = 'Session')][Alias('HCN')][switch] $HideComputerName,
        [Parameter(ValueFromPipeline)][psobject] $InputObject,
        [Alias('Args')][object[]] $ArgumentList
    )
    begin { $private:items = [System.Collections.Generic.List[object]]::new() }
    process { if ($PSBoundParameters.ContainsKey('InputObject')) { $private:items.Add($InputObject) } }
    end {
        $private:bound = $PSBoundParameters
        $null = $private:bound.Remove('InputObject')
        $private:isHere = $PSCmdlet.ParameterSetName -eq 'InProcess'
        Remove-Variable -Scope 0 -ErrorAction Ignore -Name ComputerName, HostName, ConnectionUri, Session, ScriptBlock, FilePath, NoNewScope, UserName, Port, UseSSL, Credential, Authentication, ConfigurationName, ApplicationName, SessionOption, InDisconnectedSession, SessionName, ThrottleLimit, AsJob, JobName, HideComputerName, InputObject, ArgumentList
        if ($private:isHere -and $private:bound['NoNewScope']) {
            $private:given = $private:bound['ArgumentList']
            $private:own = @('own') + (Get-Variable -Scope 0).Name
            $private:items | . $private:bound['ScriptBlock'] @private:given
            # what it set in this scope is its caller's
            Get-Variable -Scope 0 | Where-Object Name -notin $private:own | ForEach-Object { Set-Variable -Scope 1 -Name $_.Name -Value $_.Value }
        }
        elseif ($private:isHere -and $private:items.Count) { $private:items | Microsoft.PowerShell.Core\Invoke-Command @private:bound }
        elseif ($private:isHere) { Microsoft.PowerShell.Core\Invoke-Command @private:bound }
        else {
            if ($private:items.Count) { $private:bound['InputObject'] = $private:items }
            Invoke-JobWord $PSCmdlet 'Invoke-Command' $private:bound
        }
    }
}

function global:Start-Job {
    [CmdletBinding(DefaultParameterSetName = 'ScriptBlock')]
    param(
        [Parameter(Position = 0, Mandatory, ParameterSetName = 'ScriptBlock')][Alias('Command')][scriptblock] $ScriptBlock,
        [Parameter(Position = 0, Mandatory, ParameterSetName = 'FilePath')][Alias('LiteralPath', 'PSPath', 'LP')][string] $FilePath,
        [Parameter(Position = 1)][scriptblock] $InitializationScript,
        [string] $Name,
        [string] $WorkingDirectory,
        [Parameter(ValueFromPipeline)][psobject] $InputObject,
        [Alias('Args')][object[]] $ArgumentList
    )
    begin { $private:items = [System.Collections.Generic.List[object]]::new() }
    process { if ($PSBoundParameters.ContainsKey('InputObject')) { $private:items.Add($InputObject) } }
    end {
        $private:bound = $PSBoundParameters
        if ($private:items.Count) { $private:bound['InputObject'] = $private:items }
        if (-not $private:bound.ContainsKey('WorkingDirectory')) { $private:bound['WorkingDirectory'] = (Get-Location -PSProvider FileSystem).ProviderPath }
        Remove-Variable -Scope 0 -ErrorAction Ignore -Name ScriptBlock, FilePath, InitializationScript, Name, WorkingDirectory, InputObject, ArgumentList
        Invoke-JobWord $PSCmdlet 'Start-Job' $private:bound
    }
}

function global:Start-ThreadJob {
    [CmdletBinding(DefaultParameterSetName = 'ScriptBlock')]
    param(
        [Parameter(Position = 0, Mandatory, ParameterSetName = 'ScriptBlock')][Alias('Command')][scriptblock] $ScriptBlock,
        [Parameter(Position = 0, Mandatory, ParameterSetName = 'FilePath')][string] $FilePath,
        [string] $Name,
        [scriptblock] $InitializationScript,
        [Parameter(ValueFromPipeline)][psobject] $InputObject,
        [Alias('Args')][object[]] $ArgumentList,
        [ValidateRange(1, 1000000)][int] $ThrottleLimit
    )
    begin { $private:items = [System.Collections.Generic.List[object]]::new() }
    process { if ($PSBoundParameters.ContainsKey('InputObject')) { $private:items.Add($InputObject) } }
    end {
        $private:bound = $PSBoundParameters
        if ($private:items.Count) { $private:bound['InputObject'] = $private:items }
        Remove-Variable -Scope 0 -ErrorAction Ignore -Name ScriptBlock, FilePath, Name, InitializationScript, InputObject, ArgumentList, ThrottleLimit
        Invoke-JobWord $PSCmdlet 'Start-ThreadJob' $private:bound
    }
}

function global:Get-Job {
    [CmdletBinding(DefaultParameterSetName = 'Id')]
    param(
        [Parameter(Position = 0, ParameterSetName = 'Id')][int[]] $Id,
        [Parameter(Mandatory, ParameterSetName = 'InstanceId')][guid[]] $InstanceId,
        [Parameter(Position = 0, Mandatory, ParameterSetName = 'Name')][string[]] $Name,
        [Parameter(Mandatory, ParameterSetName = 'State')][System.Management.Automation.JobState] $State,
        [Parameter(ParameterSetName = 'Command')][string[]] $Command,
        [switch] $IncludeChildJob,
        [System.Management.Automation.JobState] $ChildJobState,
        [bool] $HasMoreData,
        [datetime] $Before,
        [datetime] $After,
        [int] $Newest
    )
    end {
        Invoke-JobWord $PSCmdlet 'Get-Job' $PSBoundParameters
        if (-not $PSBoundParameters.Count) { Microsoft.PowerShell.Core\Get-Job }
    }
}

function global:Receive-Job {
    [CmdletBinding(DefaultParameterSetName = 'Id')]
    param(
        [Parameter(Position = 0, Mandatory, ParameterSetName = 'Id')][int[]] $Id,
        [Parameter(Position = 0, Mandatory, ValueFromPipeline, ParameterSetName = 'Job')][psobject[]] $Job,
        [Parameter(Mandatory, ParameterSetName = 'Name')][string[]] $Name,
        [Parameter(Mandatory, ParameterSetName = 'InstanceId')][guid[]] $InstanceId,
        [Parameter(Position = 1, ParameterSetName = 'Job')][string[]] $Location,
        [Parameter(ParameterSetName = 'Job')][Alias('Cn')][string[]] $ComputerName,
        [Parameter(ParameterSetName = 'Job')][psobject[]] $Session,
        [switch] $Keep,
        [switch] $NoRecurse,
        [switch] $Force,
        [switch] $Wait,
        [switch] $AutoRemoveJob,
        [switch] $WriteEvents,
        [switch] $WriteJobInResults
    )
    begin { $jobs = [System.Collections.Generic.List[object]]::new() }
    process { foreach ($each in $Job) { $jobs.Add($each) } }
    end { Invoke-OnJobs $PSCmdlet $PSBoundParameters $jobs }
}

function global:Wait-Job {
    [CmdletBinding(DefaultParameterSetName = 'Id')]
    param(
        [Parameter(Position = 0, Mandatory, ParameterSetName = 'Id')][int[]] $Id,
        [Parameter(Position = 0, Mandatory, ValueFromPipeline, ParameterSetName = 'Job')][psobject[]] $Job,
        [Parameter(Mandatory, ParameterSetName = 'Name')][string[]] $Name,
        [Parameter(Mandatory, ParameterSetName = 'InstanceId')][guid[]] $InstanceId,
        [Parameter(Mandatory, ParameterSetName = 'State')][System.Management.Automation.JobState] $State,
        [switch] $Any,
        [Alias('TimeoutSec')][ValidateRange(-1, [int]::MaxValue)][int] $Timeout,
        [switch] $Force
    )
    begin { $jobs = [System.Collections.Generic.List[object]]::new() }
    process { foreach ($each in $Job) { $jobs.Add($each) } }
    end { Invoke-OnJobs $PSCmdlet $PSBoundParameters $jobs }
}

function global:Stop-Job {
    [CmdletBinding(DefaultParameterSetName = 'Id', SupportsShouldProcess)]
    param(
        [Parameter(Position = 0, Mandatory, ParameterSetName = 'Id')][int[]] $Id,
        [Parameter(Position = 0, Mandatory, ValueFromPipeline, ParameterSetName = 'Job')][psobject[]] $Job,
        [Parameter(Mandatory, ParameterSetName = 'Name')][string[]] $Name,
        [Parameter(Mandatory, ParameterSetName = 'InstanceId')][guid[]] $InstanceId,
        [Parameter(Mandatory, ParameterSetName = 'State')][System.Management.Automation.JobState] $State,
        [switch] $PassThru
    )
    begin { $jobs = [System.Collections.Generic.List[object]]::new() }
    process { foreach ($each in $Job) { $jobs.Add($each) } }
    end { Invoke-OnJobs $PSCmdlet $PSBoundParameters $jobs }
}

function global:Remove-Job {
    [CmdletBinding(DefaultParameterSetName = 'Id', SupportsShouldProcess)]
    param(
        [Parameter(Position = 0, Mandatory, ParameterSetName = 'Id')][int[]] $Id,
        [Parameter(Position = 0, Mandatory, ValueFromPipeline, ParameterSetName = 'Job')][psobject[]] $Job,
        [Parameter(Mandatory, ParameterSetName = 'Name')][string[]] $Name,
        [Parameter(Mandatory, ParameterSetName = 'InstanceId')][guid[]] $InstanceId,
        [Parameter(Mandatory, ParameterSetName = 'State')][System.Management.Automation.JobState] $State,
        [Parameter(Mandatory, ParameterSetName = 'Command')][string[]] $Command,
        [Parameter(ParameterSetName = 'Id')][Parameter(ParameterSetName = 'Job')][Parameter(ParameterSetName = 'Name')]
        [Parameter(ParameterSetName = 'InstanceId')][Alias('F')][switch] $Force
    )
    begin { $jobs = [System.Collections.Generic.List[object]]::new() }
    process { foreach ($each in $Job) { $jobs.Add($each) } }
    end { Invoke-OnJobs $PSCmdlet $PSBoundParameters $jobs }
}

function global:New-PSSession {
    [CmdletBinding(DefaultParameterSetName = 'ComputerName')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ParameterSetName = 'ComputerName')][Alias('Cn')][string[]] $ComputerName,
        [Parameter(Position = 0, Mandatory, ParameterSetName = 'HostName')][string[]] $HostName,
        [Parameter(Mandatory, ParameterSetName = 'Uri')][Alias('URI', 'CU')][uri[]] $ConnectionUri,
        [Parameter(Mandatory, ParameterSetName = 'Session')][psobject[]] $Session,
        [string[]] $Name,
        [Parameter(ParameterSetName = 'HostName')][string] $UserName,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'HostName')][int] $Port,
        [Parameter(ParameterSetName = 'ComputerName')][switch] $UseSSL,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][psobject] $Credential,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][string] $Authentication,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][string] $ConfigurationName,
        [Parameter(ParameterSetName = 'ComputerName')][string] $ApplicationName,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][psobject] $SessionOption,
        [int] $ThrottleLimit
    )
    begin { $names = [System.Collections.Generic.List[object]]::new() }
    process { foreach ($each in $ComputerName) { $names.Add($each) } }
    end {
        if ($names.Count) { $PSBoundParameters['ComputerName'] = $names }
        Invoke-JobWord $PSCmdlet 'New-PSSession' $PSBoundParameters
    }
}

function global:Get-PSSession {
    [CmdletBinding(DefaultParameterSetName = 'Here')]
    param(
        [Parameter(Position = 0, ParameterSetName = 'ComputerName', Mandatory)][Alias('Cn')][string[]] $ComputerName,
        [Parameter(ParameterSetName = 'Uri', Mandatory)][Alias('URI', 'CU')][uri[]] $ConnectionUri,
        [Parameter(ParameterSetName = 'Id', Mandatory)][int[]] $Id,
        [Parameter(ParameterSetName = 'Here')][Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][string[]] $Name,
        [Parameter(ParameterSetName = 'Here')][Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][guid[]] $InstanceId,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][ValidateSet('All', 'Opened', 'Disconnected', 'Closed', 'Broken')][string] $State,
        [Parameter(ParameterSetName = 'ComputerName')][int] $Port,
        [Parameter(ParameterSetName = 'ComputerName')][switch] $UseSSL,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][psobject] $Credential,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][string] $Authentication,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][string] $ConfigurationName,
        [Parameter(ParameterSetName = 'ComputerName')][string] $ApplicationName,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][psobject] $SessionOption,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][int] $ThrottleLimit
    )
    end { Invoke-JobWord $PSCmdlet 'Get-PSSession' $PSBoundParameters }
}

function global:Enter-PSSession {
    [CmdletBinding(DefaultParameterSetName = 'ComputerName')]
    param(
        [Parameter(Position = 0, Mandatory, ValueFromPipeline, ParameterSetName = 'ComputerName')][Alias('Cn')][psobject] $ComputerName,
        [Parameter(Mandatory, ParameterSetName = 'HostName')][string] $HostName,
        [Parameter(Mandatory, ParameterSetName = 'Uri')][Alias('URI', 'CU')][uri] $ConnectionUri,
        [Parameter(Mandatory, ParameterSetName = 'Session')][psobject] $Session,
        [Parameter(Mandatory, ParameterSetName = 'Id')][int] $Id,
        [Parameter(Mandatory, ParameterSetName = 'Name')][string] $Name,
        [Parameter(Mandatory, ParameterSetName = 'InstanceId')][guid] $InstanceId,
        [Parameter(ParameterSetName = 'HostName')][string] $UserName,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'HostName')][int] $Port,
        [Parameter(ParameterSetName = 'ComputerName')][switch] $UseSSL,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][psobject] $Credential,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][string] $Authentication,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][string] $ConfigurationName,
        [Parameter(ParameterSetName = 'ComputerName')][string] $ApplicationName,
        [Parameter(ParameterSetName = 'ComputerName')][Parameter(ParameterSetName = 'Uri')][psobject] $SessionOption
    )
    end { Invoke-JobWord $PSCmdlet 'Enter-PSSession' $PSBoundParameters }
}

function global:Exit-PSSession {
    [CmdletBinding()]
    param()
    end { Invoke-JobWord $PSCmdlet 'Exit-PSSession' @{} }
}

function global:Disconnect-PSSession {
    [CmdletBinding(DefaultParameterSetName = 'Session', SupportsShouldProcess)]
    param(
        [Parameter(Position = 0, Mandatory, ValueFromPipeline, ParameterSetName = 'Session')][psobject[]] $Session,
        [Parameter(Mandatory, ParameterSetName = 'Id')][int[]] $Id,
        [Parameter(Mandatory, ParameterSetName = 'Name')][string[]] $Name,
        [Parameter(Mandatory, ParameterSetName = 'InstanceId')][guid[]] $InstanceId,
        [ValidateRange(0, [int]::MaxValue)][int] $IdleTimeoutSec,
        [ValidateSet('None', 'Drop', 'Block')][string] $OutputBufferingMode,
        [int] $ThrottleLimit
    )
    begin { $sessions = [System.Collections.Generic.List[object]]::new() }
    process { foreach ($each in $Session) { $sessions.Add($each) } }
    end { Invoke-OnSessions $PSCmdlet $PSBoundParameters $sessions }
}

function global:Connect-PSSession {
    [CmdletBinding(DefaultParameterSetName = 'Session', SupportsShouldProcess)]
    param(
        [Parameter(Position = 0, Mandatory, ValueFromPipeline, ParameterSetName = 'Session')][psobject[]] $Session,
        [Parameter(Mandatory, ParameterSetName = 'ComputerName')][Alias('Cn')][string[]] $ComputerName,
        [Parameter(Mandatory, ParameterSetName = 'Id')][int[]] $Id,
        [Parameter(Mandatory, ParameterSetName = 'Name')][Parameter(ParameterSetName = 'ComputerName')][string[]] $Name,
        [Parameter(Mandatory, ParameterSetName = 'InstanceId')][Parameter(ParameterSetName = 'ComputerName')][guid[]] $InstanceId,
        [Parameter(ParameterSetName = 'ComputerName')][int] $Port,
        [Parameter(ParameterSetName = 'ComputerName')][switch] $UseSSL,
        [Parameter(ParameterSetName = 'ComputerName')][psobject] $Credential,
        [Parameter(ParameterSetName = 'ComputerName')][string] $Authentication,
        [Parameter(ParameterSetName = 'ComputerName')][string] $ConfigurationName,
        [Parameter(ParameterSetName = 'ComputerName')][psobject] $SessionOption,
        [int] $ThrottleLimit
    )
    begin { $sessions = [System.Collections.Generic.List[object]]::new() }
    process { foreach ($each in $Session) { $sessions.Add($each) } }
    end { Invoke-OnSessions $PSCmdlet $PSBoundParameters $sessions }
}

function global:Receive-PSSession {
    [CmdletBinding(DefaultParameterSetName = 'Session', SupportsShouldProcess)]
    param(
        [Parameter(Position = 0, Mandatory, ValueFromPipeline, ParameterSetName = 'Session')][psobject] $Session,
        [Parameter(Mandatory, ParameterSetName = 'ComputerName')][Alias('Cn')][string] $ComputerName,
        [Parameter(Mandatory, ParameterSetName = 'Id')][int] $Id,
        [Parameter(Mandatory, ParameterSetName = 'Name')][Parameter(ParameterSetName = 'ComputerName')][string] $Name,
        [Parameter(Mandatory, ParameterSetName = 'InstanceId')][Parameter(ParameterSetName = 'ComputerName')][guid] $InstanceId,
        [ValidateSet('Default', 'Host', 'Job')][string] $OutTarget,
        [string] $JobName,
        [Parameter(ParameterSetName = 'ComputerName')][int] $Port,
        [Parameter(ParameterSetName = 'ComputerName')][switch] $UseSSL,
        [Parameter(ParameterSetName = 'ComputerName')][psobject] $Credential,
        [Parameter(ParameterSetName = 'ComputerName')][string] $Authentication,
        [Parameter(ParameterSetName = 'ComputerName')][string] $ConfigurationName,
        [Parameter(ParameterSetName = 'ComputerName')][psobject] $SessionOption
    )
    begin { $sessions = [System.Collections.Generic.List[object]]::new() }
    process { if ($null -ne $Session) { $sessions.Add($Session) } }
    end { Invoke-OnSessions $PSCmdlet $PSBoundParameters $sessions }
}

function global:Remove-PSSession {
    [CmdletBinding(DefaultParameterSetName = 'Id', SupportsShouldProcess)]
    param(
        [Parameter(Position = 0, Mandatory, ParameterSetName = 'Id')][int[]] $Id,
        [Parameter(Position = 0, Mandatory, ValueFromPipeline, ParameterSetName = 'Session')][psobject[]] $Session,
        [Parameter(Mandatory, ParameterSetName = 'ComputerName')][Alias('Cn')][string[]] $ComputerName,
        [Parameter(Mandatory, ParameterSetName = 'Name')][string[]] $Name,
        [Parameter(Mandatory, ParameterSetName = 'InstanceId')][guid[]] $InstanceId
    )
    begin { $sessions = [System.Collections.Generic.List[object]]::new() }
    process { foreach ($each in $Session) { $sessions.Add($each) } }
    end { Invoke-OnSessions $PSCmdlet $PSBoundParameters $sessions }
}

function global:Clear-Host {
    [CmdletBinding()]
    param()
    end { Invoke-JobWord $PSCmdlet 'Clear-Host' @{} }
}
