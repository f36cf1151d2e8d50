namespace CodexCompanion.TestProcesses;

internal static class Program
{
    private static int Main() => 2;
}
