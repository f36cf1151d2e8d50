using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Chaos;

/// <summary>What a chaos run stands on: somebody's home, the app-server below it, and what can be seen of both from outside.</summary>
internal interface IChaosGround : IAsyncDisposable
{
    PrivateHome Home { get; }

    /// <summary>The options of a task that may write.</summary>
    string[] WriteOptions { get; }

    /// <summary>A prompt that thinks, makes the task's one edit if it writes, thinks again and gives the answer.</summary>
    string Prompt(string mark, bool writes, int thinkMilliseconds, string answer);

    RunningProgram Start(params string[] arguments);

    Task<ProgramRun> RunAsync(params string[] arguments);

    /// <summary>How often a task's edit was really made.</summary>
    int EditsMade(string mark);

    /// <summary>Whether a turn runs at this moment.</summary>
    bool TurnRuns();

    /// <summary>Turns that began and did not get to their end: something was killed under them.</summary>
    int TurnsCutShort();
}
