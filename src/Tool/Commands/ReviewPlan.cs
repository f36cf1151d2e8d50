using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Git;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;
using CodexCompanion.Tool.Reviews;
using CodexCompanion.Tool.Reviews.Content;
using CodexCompanion.Tool.Reviews.Targets;

namespace CodexCompanion.Tool.Commands;

/// <summary>A review that is ready: its target is verified and read, nothing was recorded or sent.</summary>
/// <param name="Review">What was asked for.</param>
/// <param name="Prompt">The prompt; null for the built-in reviewer.</param>
/// <param name="Native">The target of the built-in reviewer; null otherwise.</param>
/// <param name="Resolved">Model, configuration and limits.</param>
/// <param name="Workspace">The workspace.</param>
/// <param name="Summary">The job in one line.</param>
internal sealed record ReviewPlan(
    ReviewRequest Review, string? Prompt, NativeReview? Native, Resolved Resolved, Workspace Workspace, string Summary)
{
    /// <summary>Whether there is anything to review.</summary>
    public bool IsEmpty => Review.Target.Files.Count == 0;

    /// <summary>After which time a review that is still going on is left to its worker; null for one in this process.</summary>
    public TimeSpan? HandOver { get; init; }

    /// <summary>Makes the plan, or says in one sentence what is wrong with the input.</summary>
    /// <param name="call">The command.</param>
    /// <param name="host">What comes from outside.</param>
    /// <param name="kind">Which of the two reviews.</param>
    /// <param name="stop">Ends git, and this with an <see cref="OperationCanceledException"/>.</param>
    public static async Task<Attempt<ReviewPlan>> MakeAsync(CommandCall call, ToolHost host, string kind, CancellationToken stop)
    {
        var directory = WorkingDirectory.Of(call, host);
        if (directory.Value is not { } cwd)
            return directory.Error!;
        var workspace = Workspace.Resolve(cwd);
        var loaded = SettingsLoader.Load(workspace.Root, host.Variables);
        if (loaded.Value is not { } settings)
            return loaded.Error!;
        var read = ReviewArguments.Read(call, cwd, settings, kind);
        if (read.Value is not { } arguments)
            return read.Error!;
        var found = GitProgram.Find(host.Variables);
        if (found.Value is not { } program)
            return found.Error!;

        var git = new GitRunner(program, host.Processes(), host.Time)
        {
            Slow = call.Json ? null : sentence => host.Streams.WriteErrorLine("note: " + Plain.OneLine(sentence)),
        };
        var target = await new TargetResolver(git, stop).ResolveAsync(arguments.Target);
        if (target.Value is null)
            return target.Error!;
        var reader = new ChangeReader(git, stop);
        var files = await reader.ReadAsync(target.Value);
        if (files.Value is null)
            return files.Error!;
        var plan = await OfAsync(kind, arguments, Pinned(Resolved.From(arguments.Shared, settings, call.Options)), workspace, target.Value, files.Value, git, reader, stop);
        return plan with { HandOver = arguments.Shared.HandOver };
    }

    /// <summary>Records what runs it.</summary>
    public Attempt<JobPlan> ToJob(ToolHost host)
    {
        if (StateRoot.Resolve(host.Variable) is not StateRoot.At root)
            return CommandError.NoStateRoot((StateRoot.Refused)StateRoot.Resolve(host.Variable));
        var store = host.OpenStore(host, Workspace, root.Path);
        try
        {
            store.EnsureCreated();
        }
        catch (StateStoreException refused)
        {
            return CommandError.State(refused);
        }

        var jobId = JobIds.NewReviewId(host.Time);
        var turn = ReviewWork.TurnOf(host, Review, jobId, Guid.NewGuid().ToString(), Prompt, Native, Resolved);
        var setup = new TurnRunSetup(store, Resolved.Limits, Resolved.NoBroker, Resolved.CodexPath, host.SessionId, host.Variables);
        var work = new ReviewWork(host, Review, turn, setup);
        var job = NewJob.Of(host, store, work, Review.Kind, work.Describe()) with
        {
            Title = Review.IsNative ? "Codex Review" : "Codex Adversarial Review",
            JobClass = "review",
            Summary = Summary,
        };
        return new JobPlan(store, job, work, Resolved.Limits)
        {
            Remarks = [new Remark($"Reviewing {Review.Target.Label}, {Review.Target.Compared}.", Shown: true), .. Review.Remarks.Select(remark => new Remark(remark, Shown: true))],
        };
    }

    private static async Task<ReviewPlan> OfAsync(
        string kind, ReviewArguments arguments, Resolved resolved, Workspace workspace, ReviewTarget target, IReadOnlyList<ChangedFile> files, GitRunner git,
        ChangeReader reader, CancellationToken stop)
    {
        var facts = FactsOf(target, files);
        var remarks = new List<string>();
        ReviewContext? context = null;
        if (kind == ReviewKinds.Adversarial)
        {
            var changes = await Changes.ReadAsync(reader, target, files, arguments.Inlining);
            if (changes.Problem is { } problem)
                remarks.Add(problem);
            context = ReviewPrompt.Make(changes, arguments.Focus);
            remarks.AddRange(context.Trimmed.Select(what => $"Trimmed: {what}"));
            if (context.Withheld.Count > 0)
                remarks.Add($"Not shown to the reviewer, as likely secret: {string.Join(", ", context.Withheld.Select(QuotedName.Of))}.");
        }
        else if (target.Mode == TargetMode.Branch && await HasUncommittedAsync(git, target.Repository.Root, stop))
        {
            remarks.Add("There are uncommitted changes; the built-in reviewer compares the base with the working tree and sees them too.");
        }

        var review = new ReviewRequest
        {
            Kind = kind,
            Target = facts,
            Context = context is null ? null : new ReviewContextJson(
                target.Repository.Root, target.Repository.Branch, context.Summary, context.Inline, context.Trimmed, context.Withheld),
            Remarks = remarks,
            Format = arguments.Format,
            FailOn = arguments.FailOn,
        };
        var summary = Excerpt.Of(arguments.Focus.Length > 0 ? $"{target.Label}: {arguments.Focus}" : target.Label, 96);
        return new ReviewPlan(review, context?.Prompt, kind == ReviewKinds.Native ? NativeOf(target) : null, resolved, workspace, summary);
    }

    private static TargetFacts FactsOf(ReviewTarget target, IReadOnlyList<ChangedFile> files) => new()
    {
        Mode = target.ModeName,
        Label = target.Label,
        BaseRef = target.BaseRef,
        Explicit = target.Explicit,
        BaseSha = target.BaseSha,
        HeadSha = target.HeadSha,
        Compared = target.Compared,
        Paths = target.Paths,
        Files = [.. files.SelectMany(file => file.OldPath is null ? (IEnumerable<string>)[file.Path] : [file.Path, file.OldPath])],
        IsTree = target.Mode is not (TargetMode.Commit or TargetMode.Range) || target.HeadSha == target.Repository.Head,
        Root = target.Repository.Root,
        Branch = target.Repository.Branch,
    };

    private static NativeReview NativeOf(ReviewTarget target) => target.Mode switch
    {
        TargetMode.Branch => new NativeReview.BaseBranch(target.BaseRef!),
        TargetMode.Commit => new NativeReview.Commit(target.HeadSha!, Title: null),
        _ => new NativeReview.UncommittedChanges(),
    };

    // Also what the user's own configuration says of sandboxes: it is meant for tasks.
    private static Resolved Pinned(Resolved resolved) => resolved with
    {
        Sandbox = SandboxMode.ReadOnly,
        Config = ReviewArguments.WithoutPinned(resolved.Config),
    };

    private static async Task<bool> HasUncommittedAsync(GitRunner git, string root, CancellationToken stop) =>
        (await git.ReadAsync(root, 1, stop, "status", "--porcelain=v2", "-z", "--untracked-files=no")).Output.Length > 0;
}
