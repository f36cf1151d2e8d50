namespace CodexCompanion.Tool.Rendering;

/// <summary>A hook's note for the user, in the host's words.</summary>
internal sealed record HookNoteJson(string SystemMessage);

/// <summary>A hook's word that the session must go on, in the host's words.</summary>
internal sealed record HookBlockJson(string Decision, string Reason);
