using CodexCompanion.Tool.Selftest.Simulator.Script;

namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>One row of the self-test: a situation that a dozen tasks in one workspace have to get through.</summary>
internal abstract class Row
{
    /// <summary>Short name, as <c>--row</c> takes it.</summary>
    public abstract string Name { get; }

    /// <summary>What happens in it, in one line.</summary>
    public abstract string Description { get; }

    /// <summary>
    /// How many tasks it has. A broker that is lost with every second task shows itself with six; twelve let rarer faults come by, too.
    /// </summary>
    public virtual int Tasks => 12;

    /// <summary>Why it cannot be run on this system, in one sentence; null when it can.</summary>
    public virtual string? WhyNotHere => null;

    /// <summary>Whether it runs with recovery switched off, to show that the fault bites.</summary>
    public virtual bool IsControl => false;

    /// <summary>How often the fault has to fire at least; 0 for a row without one.</summary>
    public virtual int LeastFaults => Tasks;

    /// <summary>How the simulated app-server behaves.</summary>
    public virtual SimulationScript Script => new();

    /// <summary>A task of the row.</summary>
    /// <param name="number">1 for the first.</param>
    public virtual TaskCall Call(int number) => TaskCall.Writing(number);

    /// <summary>Whether a task must be lost: only in a control row.</summary>
    public virtual bool MustFail(int number) => false;

    /// <summary>Lays out what all tasks of the row find.</summary>
    public virtual void Arrange(Sandbox sandbox)
    {
    }

    /// <summary>Runs the tasks: one after the other, unless the row says otherwise.</summary>
    public virtual async Task<IReadOnlyList<TaskRun>> RunAsync(Sandbox sandbox, CancellationToken cancellation)
    {
        var runs = new List<TaskRun>();
        for (var number = 1; number <= Tasks; number++)
        {
            await BeforeAsync(sandbox, number, cancellation);
            runs.Add(await sandbox.RunAsync(Call(number), cancellation));
            await AfterAsync(sandbox, number, cancellation);
        }

        return runs;
    }

    /// <summary>How often the fault fired.</summary>
    public abstract int CountFaults(RowEvidence evidence);

    /// <summary>What else is wrong, in one sentence; null when nothing is.</summary>
    public virtual string? Objection(RowEvidence evidence) => null;

    /// <summary>Lays out the situation for the next task.</summary>
    protected virtual Task BeforeAsync(Sandbox sandbox, int number, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>What happens between this task and the next.</summary>
    protected virtual Task AfterAsync(Sandbox sandbox, int number, CancellationToken cancellation) => Task.CompletedTask;
}
