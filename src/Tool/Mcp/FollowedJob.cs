using CodexCompanion.Tool.Jobs;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace CodexCompanion.Tool.Mcp;

/// <summary>Follows a job that a worker runs, and tells the host what its log tells.</summary>
internal sealed class FollowedJob(JobScope scope, RequestContext<CallToolRequestParams> request)
{
    // Quick enough to read along.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    private int _told;

    /// <summary>Follows it to its end, or as long as it may.</summary>
    /// <param name="found">The job.</param>
    /// <param name="fromBegin">Whether what its log holds already is told, too.</param>
    /// <param name="limit">How long; null for as long as it takes.</param>
    /// <param name="stop">Ends the following with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The job as it stands.</returns>
    public async Task<FoundJob> FollowAsync(FoundJob found, bool fromBegin, TimeSpan? limit, CancellationToken stop)
    {
        var begun = scope.Host.Time.GetTimestamp();
        var log = found.Store.Paths.JobLog(found.Job.Id);
        var reader = new JobLogReader(log, fromBegin ? 0 : JobLogTail.BeginOfLast(log, 0));
        while (true)
        {
            var left = limit - scope.Host.Time.GetElapsedTime(begun);
            var pause = left < LookAgain ? (left > TimeSpan.Zero ? left.Value : TimeSpan.Zero) : LookAgain;
            found = (await scope.Waiter.WaitAsync([found], any: false, pause, stop)).Jobs[0];
            stop.ThrowIfCancellationRequested();
            // What came together with the end is in the answer. Progress right before it finds hosts that have closed the call's account already, and
            // call it an error.
            if (found.Job.IsFinished)
                return found;
            foreach (var entry in reader.ReadNew())
                await TellAsync(entry, stop);
            if (left <= TimeSpan.Zero)
                return found;
        }
    }

    // A host that does not ask for progress gets none.
    private async Task TellAsync(LogEntry entry, CancellationToken stop)
    {
        if (request.Params.ProgressToken is not { } token || !entry.IsProgress)
            return;
        try
        {
            await request.Server.NotifyProgressAsync(token, new ProgressNotificationValue { Progress = ++_told, Message = entry.Text }, cancellationToken: stop);
        }
        catch (IOException)
        {
            // The host has gone; the end of its input says so, too.
        }
    }
}
