using System.Runtime.Versioning;
using CodexCompanion.Tool.Doctor;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

/// <summary>
/// What holds for every check there is, by a table with a row for each: a check without a row fails here. The finer points of each check stand in
/// <c>Checks/</c>.
/// </summary>
[SupportedOSPlatform("linux")]
[Collection(OrphanCollection.Name)]
public sealed class CheckAuditTests : IDisposable
{
    private readonly AuditBench _bench = new();

    public static TheoryData<string> Checks => [.. CheckCatalog.Create().Select(check => check.Id)];

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Every_check_of_the_catalogue_has_a_row_and_every_row_a_check() =>
        Assert.Equal(CheckCatalog.Create().Select(check => check.Id).Order(StringComparer.Ordinal), CheckAudit.Rows.Keys.Order(StringComparer.Ordinal));

    [LinuxTheory]
    [MemberData(nameof(Checks))]
    public async Task A_dry_run_finds_the_damage_and_changes_nothing(string check)
    {
        var row = CheckAudit.Rows[check];
        _bench.Healthy();
        await _bench.DamageAsync(row);
        var seen = await _bench.Doctor.LookAsync("--check", check);
        var finding = _bench.Finding(seen, check, row);
        Assert.Equal(row.Kind, finding.GetProperty("repair").GetProperty("kind").GetString());
        Assert.Equal(row.IsWarning ? 0 : 1, seen.ExitCode);
        Assert.All(_bench.Bystanders, process => Assert.False(process.HasExited));
    }

    [LinuxTheory]
    [MemberData(nameof(Checks))]
    public async Task What_is_safe_is_put_right_what_is_risky_by_force_and_the_rest_has_a_command(string check)
    {
        var row = CheckAudit.Rows[check];
        _bench.Healthy();
        await _bench.DamageAsync(row);
        if (row.Kind != "safe")
        {
            // Told to repair, it leaves what is not safe as it is, to the byte.
            var before = _bench.Tree();
            var left = _bench.Finding(await _bench.Doctor.DoctorAsync("--check", check), check, row);
            Assert.Equal(before, _bench.Tree());
            Assert.NotEqual(0, left.GetProperty("repair").GetProperty("commands").GetArrayLength());
        }

        if (row.Kind == "manual")
        {
            var before = _bench.Tree();
            _bench.Finding(await _bench.Doctor.DoctorAsync("--check", check, "--force"), check, row);
            Assert.Equal(before, _bench.Tree());
            await row.ByHand!(_bench);
        }
        else
        {
            var end = await _bench.Doctor.DoctorAsync("--check", check, row.Kind == "risky" ? "--force" : "--fix");
            Assert.NotEqual("", _bench.Finding(end, check, row).GetProperty("repair").GetProperty("done").GetString() ?? "");
        }

        foreach (var mode in (string[])["--dry-run", "--fix", "--force"])
            _bench.FindsNothing(await _bench.Doctor.DoctorAsync("--check", check, mode), check, row);
        await _bench.Doctor.NormalCommandWorksAsync();
    }

    [LinuxTheory]
    [MemberData(nameof(Checks))]
    public async Task What_is_healthy_or_at_work_is_left_alone(string check)
    {
        _bench.Healthy();
        _bench.AtWork();
        var before = _bench.Tree();
        foreach (var mode in (string[])["--dry-run", "--fix", "--force"])
        {
            _bench.FindsNothing(await _bench.Doctor.DoctorAsync("--check", check, mode), check, CheckAudit.Rows[check]);
            Assert.Equal(before, _bench.Tree());
            Assert.All(_bench.Bystanders, process => Assert.False(process.HasExited));
        }
    }
}

/// <summary>Tests that end orphans of any kind: one after the other, since an orphan is anybody's.</summary>
[CollectionDefinition(Name)]
public sealed class OrphanCollection
{
    public const string Name = "orphans";
}
