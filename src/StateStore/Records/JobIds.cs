namespace CodexCompanion.StateStore.Records;

/// <summary>Names jobs, uniquely over all workspaces.</summary>
public static class JobIds
{
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    // 36^7 = 7.8e10: with a thousand jobs in one millisecond the odds of a clash are below 1 in 100 000.
    private const int RandomDigits = 7;
    private const long RandomValues = 78_364_164_096;

    // Far above what any version makes, far below what a file name holds.
    private const int Longest = 128;

    /// <summary>A new id of a task: <c>task-</c>, the time and chance in base 36.</summary>
    public static string NewTaskId(TimeProvider? time = null) => "task-" + Unique(time);

    /// <summary>A new id of a review.</summary>
    public static string NewReviewId(TimeProvider? time = null) => "review-" + Unique(time);

    /// <summary>Whether a text can be a job id. It becomes a file name, so a user's word is never taken unchecked.</summary>
    public static bool IsValid(string? text) =>
        text is { Length: <= Longest }
        && (text.StartsWith("task-", StringComparison.Ordinal) || text.StartsWith("review-", StringComparison.Ordinal))
        && text[^1] != '-'
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static string Unique(TimeProvider? time)
    {
        var milliseconds = (time ?? TimeProvider.System).GetUtcNow().ToUnixTimeMilliseconds();
        // Nobody gains by guessing an id, and a Guid comes from the kernel without the 6 ms it takes to load OpenSSL. Its first eight bytes
        // are all chance but for four bits, which the remainder leaves no trace of.
        var chance = BitConverter.ToUInt64(Guid.NewGuid().ToByteArray(), 0);
        return Base36(milliseconds) + "-" + Base36((long)(chance % RandomValues)).PadLeft(RandomDigits, '0');
    }

    private static string Base36(long value)
    {
        Span<char> buffer = stackalloc char[13];
        var at = buffer.Length;
        do
        {
            buffer[--at] = Digits[(int)(value % 36)];
            value /= 36;
        }
        while (value > 0);
        return buffer[at..].ToString();
    }
}
