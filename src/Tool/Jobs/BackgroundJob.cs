using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>A job of any kind handed to a worker by the command that asked for it, which then says how to find it again.</summary>
internal static class BackgroundJob
{
    /// <summary>Launches it and prints the launch line.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(CommandCall call, ToolHost host, JobPlan plan)
    {
        var others = plan.Work is { Turn.MayWrite: true, Exclusive: false } ? await OthersAsync(host, plan) : [];
        var launch = await new JobLauncher(host).LaunchAsync(plan);
        if (launch is JobLaunch.Failed failed)
            return Reporter.Fail(host.Streams, failed.Error, call.Json);
        foreach (var remark in plan.Remarks.Where(remark => remark.Shown && !call.Json))
            host.Streams.WriteErrorLine("note: " + Plain.OneLine(remark.Sentence));
        foreach (var other in others.Where(_ => !call.Json))
            host.Streams.WriteErrorLine("note: " + WriterQueue.Sentence(other));
        // Nobody need read it: the job runs all the same, and whoever took it for a failure would launch it twice.
        host.Streams.WriteAnywhere(LaunchText(((JobLaunch.Started)launch).Job, "queued", others, host, call.Json));
        return ExitCodes.Done;
    }

    private static async Task<IReadOnlyList<JobRecord>> OthersAsync(ToolHost host, JobPlan plan)
    {
        try
        {
            return await WriterQueue.OthersAsync(host, plan.Store, plan.Job.Id, new JobReconciler(host, plan.Limits));
        }
        catch (StateStoreException)
        {
            return []; // The launch meets the same obstacle, and tells it.
        }
    }

    /// <summary>What is printed of a job that goes on without us.</summary>
    public static string LaunchText(JobRecord job, string status, IReadOnlyList<JobRecord> others, ToolHost host, bool json)
    {
        if (json)
        {
            return JsonText.Line(
                new BackgroundJson(job.Id, status, job.Title, job.Summary, job.LogFile, [.. others.Select(other => other.Id)]), ToolJson.Default.BackgroundJson) + "\n";
        }

        var names = new CommandNames(host.SessionId);
        return $"{job.Title} {(status == "queued" ? "started" : "goes on")} in the background as {job.Id}. Check {names.Of("status", job.Id)} for progress, {names.Of("result", job.Id)} for its answer.\n";
    }
}
