@echo off
rem Finds the installed codex-companion and runs it. Written for Windows and never run there.
if defined CODEX_COMPANION_TOOL if exist "%CODEX_COMPANION_TOOL%" ("%CODEX_COMPANION_TOOL%" %* & exit /b)
for %%E in (exe cmd) do if exist "%USERPROFILE%\.dotnet\tools\codex-companion.%%E" ("%USERPROFILE%\.dotnet\tools\codex-companion.%%E" %* & exit /b)
if "%~1"=="hook" exit /b 0
echo error: codex-companion is not installed. With the .NET 10 SDK: dotnet tool install --global codex-companion 1>&2
exit /b 127
