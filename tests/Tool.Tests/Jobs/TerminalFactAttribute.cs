using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>A test that needs a terminal, which util-linux gives a process.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TerminalFactAttribute : FactAttribute
{
    public const string Script = "/usr/bin/script";

    public TerminalFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Script))
            Skip = "It runs on a terminal of its own, which only util-linux's script gives it.";
    }
}
