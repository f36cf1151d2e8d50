using System.Runtime.Versioning;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Tests.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.AppServer;

[SupportedOSPlatform("linux")]
public sealed class LastCodexTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);

    public void Dispose() => _folder.Dispose();

    [LinuxFact]
    public void A_codex_of_PATH_that_worked_is_found_again_without_PATH()
    {
        var program = _folder.Write("bin/codex", "", executable: true);
        Directory.CreateDirectory(_folder["state"]);
        _environment["PATH"] = _folder["bin"];
        Codex().NoteWorked();

        _environment["PATH"] = "/no/such/folder";
        Assert.Equal(program, Codex().Binary.Path);
        Assert.Equal(["last-codex"], Directory.GetFiles(_folder["state"]).Select(Path.GetFileName));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["state/last-codex"]));

        File.Delete(program);
        Assert.NotNull(Codex().Missing);
    }

    [LinuxFact]
    public void Another_codex_of_PATH_takes_its_place()
    {
        Directory.CreateDirectory(_folder["state"]);
        foreach (var bin in (string[])["old", "new"])
        {
            _folder.Write($"{bin}/codex", "", executable: true);
            _environment["PATH"] = _folder[bin];
            Codex().NoteWorked();
        }

        Assert.Equal(_folder["new/codex"], new LastCodex(_folder["state"]).Read());
    }

    [LinuxFact]
    public void One_that_was_named_is_not_remembered()
    {
        Directory.CreateDirectory(_folder["state"]);
        _environment[CodexLocator.Variable] = _folder.Write("mine/codex", "", executable: true);
        Codex().NoteWorked();
        _environment.Remove(CodexLocator.Variable);
        Codex(configured: _folder["mine/codex"]).NoteWorked();

        Assert.Null(new LastCodex(_folder["state"]).Read());
    }

    [LinuxTheory]
    [InlineData("relative/codex\n")]
    [InlineData("")]
    [InlineData("\0")]
    public void What_is_no_path_is_not_taken_for_one(string content)
    {
        _folder.Write("state/last-codex", content);
        Assert.Null(new LastCodex(_folder["state"]).Read());
    }

    [LinuxFact]
    public void A_state_root_that_cannot_be_used_is_no_obstacle()
    {
        _folder.Write("bin/codex", "", executable: true);
        _environment["PATH"] = _folder["bin"];
        Codex().NoteWorked(); // There is no such folder.
        Directory.CreateDirectory(_folder["state/last-codex"]);
        Codex().NoteWorked();

        Assert.Null(new LastCodex(_folder["state"]).Read());
        Assert.Empty(Directory.GetFiles(_folder["state"]));
    }

    private CodexInUse Codex(string? configured = null) => new(new CompanionSetup
    {
        ToolVersion = "test",
        ProgramPath = "/bin/true",
        StateRoot = _folder["state"],
        Environment = _environment,
        CodexPath = configured,
    });
}
