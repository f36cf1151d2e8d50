using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Jobs;

/// <summary>A job and the state it lies in, which need not be that of this workspace.</summary>
/// <param name="Store">The state.</param>
/// <param name="Job">The whole record.</param>
internal sealed record FoundJob(IStateStore Store, JobRecord Job);
