using CodexCompanion.Pipeline;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Doctor;

/// <summary>
/// Everything one run of doctor stands on. Nothing of it is taken for granted: there may be no home, no root, no directory to stand in, and
/// what there is may be damaged. Making one touches nothing.
/// </summary>
internal sealed class DoctorSite
{
    private readonly string? _directory;
    private readonly Lazy<IProcessTable> _processes;
    private readonly Lazy<IReadOnlyList<WorkspaceSite>> _workspaces;

    /// <summary>Makes it.</summary>
    /// <param name="host">The process' surroundings.</param>
    /// <param name="mode">What may be done.</param>
    /// <param name="directory">The directory to look at; null when there is none (it was deleted).</param>
    /// <param name="named">The checks that were asked for by name.</param>
    public DoctorSite(ToolHost host, DoctorMode mode, string? directory, IReadOnlyList<string> named)
    {
        Host = host;
        Mode = mode;
        Named = named;
        _directory = directory;
        _processes = new Lazy<IProcessTable>(host.Processes);
        switch (StateRoot.Resolve(host.Variable))
        {
            case StateRoot.At at:
                Root = at.Path;
                break;
            case StateRoot.Refused refused:
                WhyNoRoot = refused.Sentence;
                break;
        }

        if (directory is not null && Root is not null)
            Here = new WorkspaceSite(this, Workspace.Resolve(directory), Root);
        _workspaces = new Lazy<IReadOnlyList<WorkspaceSite>>(FindWorkspaces);
    }

    /// <summary>Environment, streams, clock.</summary>
    public ToolHost Host { get; }

    /// <summary>What may be done.</summary>
    public DoctorMode Mode { get; }

    /// <summary>Checks asked for by name; empty for all.</summary>
    public IReadOnlyList<string> Named { get; }

    /// <summary>Whether every workspace and what other programs left is looked at.</summary>
    public bool Everywhere { get; init; }

    /// <summary>Time limits. Those of the configuration do not count: it may be what is broken.</summary>
    public TimeLimits Limits { get; init; } = new();

    /// <summary>The disk.</summary>
    public INativeDisk Disk { get; init; } = NativeDisk.Instance;

    /// <summary>Looks at processes.</summary>
    public IProcessTable Processes => _processes.Value;

    /// <summary>The state root; null when there is none.</summary>
    public string? Root { get; }

    /// <summary>Why there is no root, in a sentence; null when there is one.</summary>
    public string? WhyNoRoot { get; }

    /// <summary>The workspace doctor was called in; null without a root or a directory.</summary>
    public WorkspaceSite? Here { get; }

    /// <summary>All workspaces below the root, the current one first; it counts even if it has no state yet.</summary>
    public IReadOnlyList<WorkspaceSite> Workspaces => _workspaces.Value;

    /// <summary>Whether a check belongs to this run.</summary>
    public bool Runs(string check) => Named.Count == 0 || Named.Contains(check, StringComparer.Ordinal);

    /// <summary>The command line that looks at the same again, to paste.</summary>
    /// <param name="options">What it is told besides.</param>
    public string Again(params IReadOnlyList<string> options) => Line(Named, options);

    /// <summary>The command line that looks at the same place, to paste.</summary>
    /// <param name="checks">The checks to run; empty for all.</param>
    /// <param name="options">What it is told besides.</param>
    public string Line(IReadOnlyList<string> checks, params IReadOnlyList<string> options)
    {
        var words = new List<string> { "codex-companion", "doctor" };
        if (Everywhere)
            words.Add("--all");
        words.AddRange(checks.SelectMany(name => (string[])["--check", name]));
        words.AddRange(options);
        if (_directory is not null && _directory != Host.CurrentDirectory && Directory.Exists(Host.CurrentDirectory))
            words.AddRange(["--cwd", ShellWord.Of(_directory)]);
        return string.Join(' ', words);
    }

    /// <summary>Looks at a path without following it; null also where it cannot be looked at: whoever looks at its folder says why.</summary>
    public FileFacts? Look(string path)
    {
        try
        {
            return Disk.Look(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private List<WorkspaceSite> FindWorkspaces()
    {
        var found = new List<WorkspaceSite>();
        if (Here is not null)
            found.Add(Here);
        if (Root is null)
            return found;
        try
        {
            found.AddRange(WorkspaceFolders.In(Root)
                .Where(workspace => workspace.Hash != Here?.Workspace.Hash)
                .Select(workspace => new WorkspaceSite(this, workspace, Root)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // state-directory says what is wrong with the root; the workspaces in it cannot be seen.
        }

        return found;
    }
}

/// <summary>Where a check looks: the run, and the workspace at hand.</summary>
/// <param name="Site">The run.</param>
/// <param name="At">The workspace; null for a check about the user where there is no workspace.</param>
internal sealed record DoctorPlace(DoctorSite Site, WorkspaceSite? At)
{
    /// <summary>The workspace, for checks whose scope is one.</summary>
    public WorkspaceSite Workspace => At ?? throw new InvalidOperationException("A check about a workspace was run without one.");

    /// <summary>Its state.</summary>
    public IStateStore Store => Workspace.Store;

    /// <summary>Where it lies.</summary>
    public StatePaths Paths => Workspace.Store.Paths;
}
