$minutes = Get-Content -Path $using:log | Group-Object { $_.Substring($_.IndexOf('[') + 13, 5) }
$number = 0
foreach ($minute in $minutes) {
    $number++
    $failed = @($minute.Group | Where-Object { $_ -match '" 5\d\d ' }).Count
    Write-Progress -Activity 'Reading the log' -Status $minute.Name -PercentComplete (100 * $number / $minutes.Count)
    'line {0:d2} of {1}: at {2} {3} requests, {4} failed' -f $number, $minutes.Count, $minute.Name, $minute.Count, $failed
    Start-Sleep -Milliseconds 150
}
