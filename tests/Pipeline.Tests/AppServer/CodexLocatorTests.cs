using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Tests.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.AppServer;

[SupportedOSPlatform("linux")]
public sealed class CodexLocatorTests : IDisposable
{
    private const string Script = "#!/usr/bin/env node\n";

    private readonly ScratchFolder _folder = new();
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal) { ["PATH"] = "/no/such/folder" };

    private static string Architecture => RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "x64";

    private static string Triple => (Architecture == "arm64" ? "aarch64" : "x86_64") + "-unknown-linux-musl";

    [LinuxFact]
    public void The_variable_goes_before_the_configuration_and_that_before_PATH_and_that_before_the_last_known()
    {
        var (named, configured, onPath, last) = (Program("named/codex"), Program("conf/codex"), Program("path/codex"), Program("last/codex"));
        _environment["CODEX_COMPANION_CODEX"] = named;
        _environment["PATH"] = _folder["path"];
        Assert.Equal(named, Found(configured, last).Path);
        _environment["CODEX_COMPANION_CODEX"] = "";
        Assert.Equal(configured, Found(configured, last).Path);
        Assert.Equal(onPath, Found(null, last).Path);
        _environment["PATH"] = _folder.Path;
        Assert.Equal(last, Found(null, last).Path);
    }

    [LinuxFact]
    public void A_named_codex_that_cannot_be_run_is_missing_and_no_other_is_taken()
    {
        Program("path/codex");
        _environment["PATH"] = _folder["path"];
        var text = _folder.Write("text", "");
        Assert.Equal($"The codex named by CODEX_COMPANION_CODEX, {_folder["none"]}, does not exist.", Missing(_folder["none"]));
        Assert.Equal($"The codex named by CODEX_COMPANION_CODEX, {_folder.Path}, is a folder.", Missing(_folder.Path));
        Assert.Equal($"The codex named by CODEX_COMPANION_CODEX, {text}, is not executable.", Missing(text));
        Assert.Equal("The codex named by CODEX_COMPANION_CODEX, 'codex-dev', was not found on PATH.", Missing("codex-dev"));
        _environment.Remove("CODEX_COMPANION_CODEX");
        var sentence = Assert.IsType<CodexLookup.Missing>(CodexLocator.Find(_environment, _folder["none"], null)).Sentence;
        Assert.Equal($"The codex named by the configuration, {_folder["none"]}, does not exist.", sentence);
    }

    [Fact]
    public void The_hint_names_what_names_a_codex_that_cannot_be_run()
    {
        _environment["PATH"] = _folder.Path;
        Assert.Contains("or name it in CODEX_COMPANION_CODEX", Hint(null), StringComparison.Ordinal);
        Assert.Equal("Correct codexPath, or remove it to use the codex on PATH.", Hint(_folder["none"]));
        _environment["CODEX_COMPANION_CODEX"] = _folder["none"];
        Assert.Equal("Correct CODEX_COMPANION_CODEX, or remove it to use the codex on PATH.", Hint(null));

        string Hint(string? configured) => Assert.IsType<CodexLookup.Missing>(CodexLocator.Find(_environment, configured, null)).Hint;
    }

    [LinuxFact]
    public void A_bare_name_is_looked_up_on_PATH_and_a_tilde_is_the_home_folder()
    {
        var program = Program("path/codex-dev");
        _environment["PATH"] = _folder["path"];
        _environment["HOME"] = _folder.Path;
        _environment["CODEX_COMPANION_CODEX"] = "codex-dev";
        Assert.Equal(program, Found().Path);
        _environment["CODEX_COMPANION_CODEX"] = "~/path/codex-dev";
        Assert.Equal(program, Found().Path);
    }

    [LinuxFact]
    public void On_PATH_folders_and_files_that_cannot_be_run_are_passed_over()
    {
        Directory.CreateDirectory(_folder["a/codex"]);
        _folder.Write("b/codex", "");
        var program = Program("c/codex");
        _environment["PATH"] = $"{_folder["a"]}:{_folder["b"]}:{_folder["c"]}";
        Assert.Equal(program, Found().Path);
    }

    [LinuxTheory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("sub")]
    public void The_current_directory_is_never_searched(string entry)
    {
        // Relative to wherever the tests run; so a codex is put there.
        var here = Directory.CreateDirectory(Path.Combine(Environment.CurrentDirectory, entry));
        var trap = Path.Combine(here.FullName, "codex-trap-" + Guid.NewGuid().ToString("N"));
        File.WriteAllText(trap, "");
        try
        {
            File.SetUnixFileMode(trap, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            Assert.NotNull(new ProgramSearch(new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = here.FullName }).OnPath(Path.GetFileName(trap)));
            Assert.Null(new ProgramSearch(new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = $"{entry}::{entry}" }).OnPath(Path.GetFileName(trap)));
        }
        finally
        {
            File.Delete(trap);
            if (entry == "sub")
                here.Delete();
        }
    }

    [LinuxFact]
    public void Nothing_anywhere_is_one_sentence_and_the_advice_is_left_to_the_hint()
    {
        var sentence = Assert.IsType<CodexLookup.Missing>(CodexLocator.Find(_environment, null, Last(_folder["gone"]))).Sentence;
        Assert.Equal("Codex was not found on PATH.", sentence);
    }

    [LinuxFact]
    public void A_link_is_started_by_its_own_name_and_judged_by_what_it_points_to()
    {
        var program = Program("real/codex-x86_64", "0123456789");
        Directory.CreateDirectory(_folder["path"]);
        File.CreateSymbolicLink(_folder["path/codex"], program);
        _environment["PATH"] = _folder["path"];
        Assert.Equal((_folder["path/codex"], 10), (Found().Path, Found().Size));
        Assert.Equal(new DateTimeOffset(File.GetLastWriteTimeUtc(program)), Found().ModifiedAt);
    }

    [LinuxTheory]
    [InlineData("node_modules/@openai/codex/node_modules/@openai/codex-linux-{0}/vendor/{1}/bin/codex")]
    [InlineData("node_modules/@openai/codex-linux-{0}/vendor/{1}/bin/codex")]
    [InlineData("node_modules/@openai/codex-linux-{0}/vendor/{1}/codex/codex")]
    [InlineData("node_modules/@openai/codex/vendor/{1}/codex/codex")]
    public void The_npm_launcher_is_resolved_to_the_native_codex_wherever_npm_put_it(string layout)
    {
        var native = Program(string.Format(System.Globalization.CultureInfo.InvariantCulture, layout, Architecture, Triple), "native");
        InstallLauncher("node_modules");
        var codex = Found();
        Assert.Equal((native, _folder["bin/codex"], 6), (codex.Path, codex.GivenPath, codex.Size));
        Assert.Equal(_folder["node_modules/@openai/codex"], codex.Package!.Root);
        Assert.Equal("NPM", codex.Package.Manager);
    }

    [LinuxFact]
    public void A_shim_of_pnpm_is_resolved_through_its_store()
    {
        const string Store = "global/5/.pnpm/codex/node_modules";
        var native = Program($"{Store}/@openai/codex-linux-{Architecture}/vendor/{Triple}/bin/codex");
        _folder.Write($"{Store}/@openai/codex/bin/codex.js", Script, executable: true);
        Directory.CreateDirectory(_folder["global/5/node_modules/@openai"]);
        Directory.CreateSymbolicLink(_folder["global/5/node_modules/@openai/codex"], _folder[$"{Store}/@openai/codex"]);
        _folder.Write(
            "bin/codex",
            "#!/bin/sh\nbasedir=$(dirname \"$0\")\nexec node  \"$basedir/../global/5/node_modules/@openai/codex/bin/codex.js\" \"$@\"\n",
            executable: true);
        _environment["PATH"] = _folder["bin"];
        Assert.Equal(native, Found().Path);
        Assert.Equal("pnpm add -g @openai/codex@latest", Found().Package!.UpdateCommand);
    }

    [LinuxFact]
    public void A_launcher_without_its_native_package_is_run_as_it_is_and_says_so_itself()
    {
        InstallLauncher("node_modules");
        Assert.Equal(_folder["bin/codex"], Found().Path);
        Assert.Null(Found().Package);
    }

    [LinuxFact]
    public void A_script_of_the_users_own_is_run_as_it_is()
    {
        var script = Program("path/codex", "#!/bin/sh\nexec /opt/codex/bin/codex \"$@\"\n");
        _environment["PATH"] = _folder["path"];
        Assert.Equal(script, Found().Path);
    }

    [LinuxFact]
    public void A_dll_runs_through_the_dotnet_host()
    {
        var dll = _folder.Write("codex-companion.dll", "MZ");
        _environment["CODEX_COMPANION_CODEX"] = dll;
        var codex = Found();
        Assert.Equal("dotnet", Path.GetFileNameWithoutExtension(codex.Path));
        Assert.True(File.Exists(codex.Path));
        Assert.Equal(dll, Assert.Single(codex.LeadingArguments));
        Assert.Equal((dll, 2), (codex.GivenPath, codex.Size));
    }

    public void Dispose() => _folder.Dispose();

    private string Program(string name, string content = "") => _folder.Write(name, content, executable: true);

    private void InstallLauncher(string modules)
    {
        _folder.Write($"{modules}/@openai/codex/bin/codex.js", Script, executable: true);
        Directory.CreateDirectory(_folder["bin"]);
        File.CreateSymbolicLink(_folder["bin/codex"], $"../{modules}/@openai/codex/bin/codex.js");
        _environment["PATH"] = _folder["bin"];
    }

    private CodexBinary Found(string? configured = null, string? last = null) =>
        Assert.IsType<CodexLookup.Found>(CodexLocator.Find(_environment, configured, last is null ? null : Last(last))).Codex;

    private LastCodex Last(string path)
    {
        _folder.Write("state/last-codex", path + "\n");
        return new LastCodex(_folder["state"]);
    }

    private string Missing(string named)
    {
        _environment["CODEX_COMPANION_CODEX"] = named;
        return Assert.IsType<CodexLookup.Missing>(CodexLocator.Find(_environment, null, null)).Sentence;
    }
}
