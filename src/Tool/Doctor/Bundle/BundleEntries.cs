using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Doctor.Bundle;

/// <summary>One file of a bundle.</summary>
/// <param name="Name">Its name in the archive.</param>
/// <param name="About">What it is, in a phrase.</param>
/// <param name="Text">Its content, ready to be given away.</param>
internal sealed record BundleEntry(string Name, string About, string Text);

/// <summary>
/// Chooses what goes into a bundle. What may hold a prompt or a result is made anew from the members that do not; nothing of the kind is
/// copied and then searched.
/// </summary>
/// <param name="report">What doctor found.</param>
internal sealed class BundleEntries(DoctorReport report)
{
    private const int MostJobs = 50;
    private const int MostLogs = 10;
    private const int LogTail = 256 * 1024;

    private readonly DoctorSite _site = report.Site;
    private readonly Redaction _redaction = new(HomesOf(report.Site), SecretsOf(report.Site));

    /// <summary>All of them.</summary>
    public IReadOnlyList<BundleEntry> All()
    {
        var entries = new List<BundleEntry>
        {
            Entry("system.txt", "versions, system, names of our variables", SystemText()),
            Entry("doctor.json", "what doctor found", DoctorJson.LineOf(report) + "\n"),
        };
        if (_site.Here is not { Exists: true } here)
            return entries;
        entries.Add(Entry("state.txt", "names, sizes, modes and times of the workspace's state files", Listing(here.Store.Paths.Directory)));
        entries.Add(Entry("broker.txt", "broker.json and who holds the locks", BrokerText(here.Store)));
        entries.Add(Entry("jobs.txt", "each job's status, phase, times, error code and process: no titles, prompts or results", JobsText(here)));
        if (LogText(Path.Combine(here.Store.Paths.LogsDirectory, "broker.log")) is { } brokerLog)
            entries.Add(Entry("broker.log", "the end of the broker's log, which names methods and processes only", brokerLog));
        foreach (var job in Newest(here).Take(MostLogs))
        {
            if (LogText(here.Store.Paths.JobLog(job.Id)) is { } log)
                entries.Add(Entry($"jobs/{job.Id}.log", "the job's log, its messages left out", LogOutline.Of(log)));
        }

        return entries;
    }

    private BundleEntry Entry(string name, string about, string text) => new(name, about, _redaction.Of(text, isJson: name.EndsWith(".json", StringComparison.Ordinal)));

    private string SystemText()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{CommandApplication.ToolName} {ToolVersion.Text}\n");
        text.Append(CultureInfo.InvariantCulture, $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}\n{RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} processors\n");
        text.Append(CultureInfo.InvariantCulture, $"state root {_site.Root ?? _site.WhyNoRoot}\n");
        foreach (var name in _site.Host.Variables.Keys.Where(IsTold).Order(StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"{name} is set ({_site.Host.Variables[name].Length} characters)\n");
        return text.ToString();
    }

    private static bool IsTold(string name) =>
        new[] { "CODEX_", "CLAUDE", "DOTNET_", "XDG_", "OPENAI_" }.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))
        || name is "HOME" or "PATH" or "TMPDIR" or "TERM" or "LANG" or "NO_COLOR";

    private string Listing(string folder)
    {
        var text = new StringBuilder();
        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, MaxRecursionDepth = 2 }).Order(StringComparer.Ordinal))
        {
            if (_site.Look(path) is not { } facts)
                continue;
            var mode = facts.Mode is { } bits ? Convert.ToString((int)bits, 8) : "-";
            text.Append(CultureInfo.InvariantCulture, $"{facts.Kind,-9} {mode,5} {facts.Size,10} {File.GetLastWriteTimeUtc(path):O} {Path.GetRelativePath(folder, path)}\n");
        }

        return text.ToString();
    }

    private static string BrokerText(IStateStore store)
    {
        var read = store.ReadBroker();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"broker.json: {read.Kind} {read.Detail}\n");
        if (read.Value is { } broker)
            text.Append(CultureInfo.InvariantCulture, $"instance {broker.InstanceId}, endpoint {broker.Endpoint}, process {broker.Process.Pid} started {broker.Process.StartTime}, app-server {broker.AppServer?.Pid}, started {broker.StartedAt:O}, protocol {broker.Protocol}, tool {broker.ToolVersion}\n");
        foreach (var which in Enum.GetValues<StateLock>())
        {
            var probe = store.Lock(which).Probe();
            text.Append(CultureInfo.InvariantCulture, $"lock {which}: {probe.State} {probe.Reason}{(probe.Holder is { } holder ? $"held by {holder.Process.Pid} ({holder.Purpose}) since {holder.Since:O}" : "")}\n");
        }

        return text.ToString();
    }

    private string JobsText(WorkspaceSite here)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"index: {here.Jobs.Index.Kind} {here.Jobs.Index.Detail}, {here.Jobs.Files.Count} job files\n");
        foreach (var (id, read) in here.Jobs.Files.Where(file => file.Value.Value is null))
            text.Append(CultureInfo.InvariantCulture, $"{id}: {read.Kind} {read.Detail}\n");
        foreach (var job in Newest(here).Take(MostJobs))
        {
            var process = job.Process is { } identity ? $"process {identity.Pid} ({Word(_site.Processes.Look(identity))})" : "no process";
            text.Append(CultureInfo.InvariantCulture, $"{job.Id}: {job.Status} {job.Phase} {job.Kind} write={job.Write} sandbox={job.Sandbox} model={job.Model} created={job.CreatedAt:O} started={job.StartedAt:O} completed={job.CompletedAt:O} collected={job.CollectedAt:O} error={job.ErrorCode} exit={job.ExitCode} thread={job.ThreadId} turn={job.TurnId} {process} notes={job.RecoveryNotes?.Count ?? 0}\n");
        }

        return text.ToString();
    }

    private static IEnumerable<JobRecord> Newest(WorkspaceSite here) =>
        here.Jobs.Files.Values.Select(read => read.Value).OfType<JobRecord>().OrderByDescending(job => job.CreatedAt ?? DateTimeOffset.MinValue);

    private static string Word(ProcessPresence presence) => presence.ToString().ToLowerInvariant();

    private static string? LogText(string path)
    {
        try
        {
            if (NativeDisk.Instance.Look(path) is not { Kind: FileKind.Regular } facts)
                return null;
            using var log = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            log.Position = Math.Max(0, facts.Size - LogTail);
            using var reader = new StreamReader(log, Encoding.UTF8);
            var text = reader.ReadToEnd();

            // The first line may be the rest of one: without its time nobody can tell what it is.
            return facts.Size > LogTail ? text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..] : text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // A home may be a link: workspaces are named by where they really lie.
    private static List<string> HomesOf(DoctorSite site)
    {
        var named = new[] { "HOME", "USERPROFILE" }.Select(site.Host.Variable).OfType<string>().Select(Path.TrimEndingDirectorySeparator).ToList();
        return [.. named, .. named.Where(Path.IsPathFullyQualified).Select(CanonicalPath.Of)];
    }

    // An address, or a key, in a workspace's name stands in the name of its state folder, with other signs between its parts.
    private static IEnumerable<string> HiddenSlugsOf(DoctorSite site)
    {
        var plain = new Redaction([], []);
        return (site.Everywhere ? site.Workspaces : site.Here is { } here ? [here] : [])
            .Where(at => Path.GetFileName(at.Name) is { Length: > 0 } name && plain.Of(name) != name)
            .Select(at => at.Workspace.Slug);
    }

    // Whatever is in a variable with such a name is taken out wherever it stands. Short ones would hide half of every text.
    private static List<string> SecretsOf(DoctorSite site) =>
    [
        .. HiddenSlugsOf(site),
        .. site.Host.Variables
            .Where(v => v.Value.Length >= 8 && new[] { "KEY", "TOKEN", "SECRET", "PASS", "AUTH", "CREDENTIAL", "COOKIE" }.Any(word => v.Key.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .Select(v => v.Value),
    ];
}
