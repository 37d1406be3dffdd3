Import-Csv -Path $using:disks | Group-Object Computer, Drive | ForEach-Object {
    $first, $last = $_.Group[0], $_.Group[-1]
    $perDay = ($first.FreeGB - $last.FreeGB) / ($_.Count - 1)
    Start-Sleep -Milliseconds 500
    [pscustomobject]@{
        Computer = $last.Computer
        Drive    = $last.Drive
        FreeGB   = [double] $last.FreeGB
        DaysLeft = [math]::Round($last.FreeGB / $perDay)
    }
}
