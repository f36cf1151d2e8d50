using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace CodexCompanion.Tool.Mcp;

/// <summary>Jobs as resources: the list of this workspace's, and any job and its log by id.</summary>
internal sealed class JobResources(ToolHost host)
{
    private const string Prefix = "codex-companion://jobs/";
    private const string LogSuffix = "/log";

    // A host shows them in a list to choose from; who wants older ones knows the id.
    private const int MostListed = 50;

    // More than a model should be given of a log; the end is what matters.
    private const int MostOfALog = 256 * 1024;

    /// <summary>The forms of address.</summary>
    public static ListResourceTemplatesResult Templates { get; } = new()
    {
        ResourceTemplates =
        [
            new ResourceTemplate { Name = "job", UriTemplate = Prefix + "{id}", Description = "A job's result, or how far it is.", MimeType = "text/markdown" },
            new ResourceTemplate { Name = "job-log", UriTemplate = Prefix + "{id}" + LogSuffix, Description = "The end of a job's log.", MimeType = "text/plain" },
        ],
    };

    /// <summary>The newest jobs of this workspace, of all sessions.</summary>
    public async Task<ListResourcesResult> ListAsync()
    {
        var scope = Open();
        var jobs = await scope.Reconciler.NewestAsync(scope.Store, sessionId: null);
        return new ListResourcesResult { Resources = [.. jobs.Where(job => JobIds.IsValid(job.Id)).Take(MostListed).Select(Shape)] };
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="McpProtocolException">There is none at this address.</exception>
    public async Task<ReadResourceResult> ReadAsync(string uri)
    {
        var path = uri.StartsWith(Prefix, StringComparison.Ordinal) ? uri[Prefix.Length..] : "";
        var isLog = path.EndsWith(LogSuffix, StringComparison.Ordinal);
        var id = isLog ? path[..^LogSuffix.Length] : path;
        if (!JobIds.IsValid(id))
            throw NotFound($"{uri} is no address of a job.");
        var scope = Open();
        var found = await scope.FindAsync(id, _ => false, "");
        if (found.Value is not { } job)
            throw NotFound(found.Error!.Message);
        var text = isLog ? EndOfLog(job) : Text(scope, job);
        return new ReadResourceResult { Contents = [new TextResourceContents { Uri = uri, MimeType = isLog ? "text/plain" : "text/markdown", Text = text }] };
    }

    private static McpProtocolException NotFound(string sentence) => new(sentence, McpErrorCode.ResourceNotFound);

    private static Resource Shape(JobRecord job) => new()
    {
        Uri = Prefix + job.Id,
        Name = job.Id,
        Title = Plain.OneLine(job.Summary ?? job.Title ?? job.Id),
        Description = $"{job.KindLabel ?? job.Kind ?? "job"}, {JobView.Word(job.Status)}, {JobView.Time(job.CreatedAt)}",
        MimeType = "text/markdown",
    };

    private static string Text(JobScope scope, FoundJob found) => found.Job.IsFinished
        ? StoredResult.Of(found.Job, scope.Names).ForPerson(found.Job)
        : StatusText.Of(JobView.Of(found.Store, found.Job, scope.Host.Time.GetUtcNow()));

    private static string EndOfLog(FoundJob found)
    {
        var path = found.Store.Paths.JobLog(found.Job.Id);
        if (!RegularFile.IsAt(path))
            throw NoLog(found); // A pipe would be waited for.
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var from = Math.Max(0, file.Length - MostOfALog);
            file.Position = from;
            using var reader = new StreamReader(file);
            if (from > 0)
                reader.ReadLine(); // What is left of a line that begins before.
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NoLog(found);
        }
    }

    private static McpProtocolException NoLog(FoundJob found) => NotFound($"Job {found.Job.Id} has no log that can be read.");

    // Settings that cannot be read are the one thing that may stop it.
    private JobScope Open()
    {
        var opened = JobScope.Open(OwnCommandLine.Call(["result"]).Value!, host);
        return opened.Value ?? throw new McpException(opened.Error!.Message);
    }
}
