using System.Globalization;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Doctor.Journal;

/// <summary>What became of one step that was to be taken back.</summary>
/// <param name="Step">The step.</param>
/// <param name="WasUndone">Whether things are as they were.</param>
/// <param name="Sentence">What was done, or why nothing could be.</param>
internal sealed record UndoneStep(JournalStep Step, bool WasUndone, string Sentence);

/// <summary>Takes a step back: brings out of the quarantine what was set aside, gives back permissions.</summary>
/// <param name="host">Opens states.</param>
/// <param name="root">The state root.</param>
/// <param name="disk">The disk.</param>
internal sealed class StepUndo(ToolHost host, string root, INativeDisk disk)
{
    /// <summary>Takes it back.</summary>
    public UndoneStep Undo(JournalStep step)
    {
        try
        {
            return step.Kind switch
            {
                StepKind.Moved or StepKind.Replaced => BringBack(step),
                StepKind.Mode => GiveMode(step),
                StepKind.RemovedFolder => MakeFolder(step),
                StepKind.Ended => new UndoneStep(step, WasUndone: false, $"process {step.Path} was ended; it cannot be brought back"),
                _ => new UndoneStep(step, WasUndone: false, $"{step.Path} was removed for good; it held nothing"),
            };
        }
        catch (Exception e) when (e is StateStoreException or IOException or UnauthorizedAccessException)
        {
            return new UndoneStep(step, WasUndone: false, $"{step.Path} could not be brought back: {e.Message}");
        }
    }

    private UndoneStep BringBack(JournalStep step)
    {
        if (step.Workspace is not { } folder || WorkspaceFolders.Parse(Path.GetFileName(folder)) is not { } workspace || !Lies(folder, root))
            return new UndoneStep(step, WasUndone: false, $"{step.Path} lies in no workspace of this state root");
        if (!Lies(step.Path, folder) || (step.Kept is { } kept && !Lies(kept, folder)))
            return new UndoneStep(step, WasUndone: false, $"{step.Path} does not lie in its workspace's state folder");
        var store = host.OpenStore(host, workspace, root);
        return store.Repair("undo a repair", repairs =>
        {
            if (WhyItStays(store, step) is { } why)
                return new UndoneStep(step, WasUndone: false, why);
            if (step.Kept is { } name && repairs.BringBack(name, step.Path))
                return new UndoneStep(step, WasUndone: true, $"brought back {step.Path}");
            if (step is { Kind: StepKind.Replaced, WasDone: true } && (step.Kept is null || disk.Look(step.Kept) is null) && disk.Look(step.Path) is not null)
            {
                // It was made where nothing was: taking that back sets it aside.
                repairs.SetAside(step.Path, repairs.QuarantineName(step.Path));
                return new UndoneStep(step, WasUndone: true, $"set aside {step.Path}, which the repair had made");
            }

            return new UndoneStep(step, WasUndone: false, $"{step.Kept ?? step.Path} is not there any more");
        });
    }

    // What lies there by now may be what others go by. An index or settings that were set aside know nothing of what was recorded since.
    private string? WhyItStays(IStateStore store, JournalStep step)
    {
        var paths = store.Paths;
        if (step.Path == paths.BrokerFile)
        {
            var runs = store.Lock(StateLock.Broker).Probe().State == LockState.Held
                || (store.ReadBroker().Value is { } broker && host.Processes().Look(broker.Process) == ProcessPresence.Same);
            return runs ? $"{step.Path} stays as it is, as a broker runs by now{Kept(step)}" : null;
        }

        var isShared = step.Path == paths.IndexFile || step.Path == paths.ConfigFile || step.Path == paths.FindingsFile;
        return isShared && step.DoneAt is { } done && disk.Look(step.Path) is { Kind: FileKind.Regular } && File.GetLastWriteTimeUtc(step.Path) > done.UtcDateTime
            ? $"{step.Path} was changed since, and stays as it is{Kept(step)}"
            : null;
    }

    private static string Kept(JournalStep step) => step.Kept is { } kept ? $"; the old one is kept as {kept}" : "";

    private UndoneStep GiveMode(JournalStep step)
    {
        if (OperatingSystem.IsWindows() || step.ModeBefore is null || disk.Look(step.Path) is not { Kind: not FileKind.Link })
            return new UndoneStep(step, WasUndone: false, $"{step.Path} is not there any more");
        File.SetUnixFileMode(step.Path, (UnixFileMode)Convert.ToInt32(step.ModeBefore, 8));
        return new UndoneStep(step, WasUndone: true, string.Create(CultureInfo.InvariantCulture, $"gave {step.Path} its mode {step.ModeBefore} back"));
    }

    private UndoneStep MakeFolder(JournalStep step)
    {
        disk.CreatePrivateDirectory(step.Path);
        return new UndoneStep(step, WasUndone: true, $"made the empty folder {step.Path} again");
    }

    // A journal is a file, and files can say anything.
    private static bool Lies(string path, string folder) =>
        Path.IsPathFullyQualified(path)
        && Path.GetFullPath(path).StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
