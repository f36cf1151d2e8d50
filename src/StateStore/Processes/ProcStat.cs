using System.Globalization;

namespace CodexCompanion.StateStore.Processes;

/// <summary>The parts of /proc/PID/stat that identity needs.</summary>
/// <param name="Pid">Field 1.</param>
/// <param name="State">Field 3: R, S, D, Z…</param>
/// <param name="StartTime">Field 22 as it stands there: clock ticks since boot.</param>
internal sealed record ProcStat(int Pid, char State, string StartTime)
{
    // Fields are counted from 1 in proc(5); the third is the first after the name.
    private const int FirstAfterName = 3;
    private const int StartTimeField = 22;

    // Up to that one, and what is left.
    private const int FieldsNeeded = StartTimeField - FirstAfterName + 2;

    /// <summary>Ended, and only not yet collected by its parent (Z), or being removed (X).</summary>
    public bool IsZombie => State is 'Z' or 'X' or 'x';

    /// <summary>Reads the line; null when it is not one. A name may hold spaces and parentheses, so only its last one ends it.</summary>
    public static ProcStat? Parse(string? line)
    {
        if (line is null || line.IndexOf('(', StringComparison.Ordinal) is var open && open < 1 || line.LastIndexOf(')') is var close && close < open)
            return null;
        var fields = line[(close + 1)..].Split(' ', FieldsNeeded, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (fields.Length <= StartTimeField - FirstAfterName || fields[0].Length != 1)
            return null;
        return int.TryParse(line.AsSpan(0, open).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            ? new ProcStat(pid, fields[0][0], fields[StartTimeField - FirstAfterName])
            : null;
    }
}
