using CodexCompanion.Pipeline.Broker;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

public sealed class OwnAssembliesTests
{
    [Fact]
    public void Everything_the_broker_refers_to_beside_the_program_is_loaded_and_nothing_of_it_is_left_for_later()
    {
        OwnAssemblies.Load();

        var loaded = AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetName().Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var missing = AppDomain.CurrentDomain.GetAssemblies()
            .Where(a => a.GetName().Name is "CodexCompanion.Pipeline" or "CodexCompanion.StateStore")
            .SelectMany(a => a.GetReferencedAssemblies())
            .Select(r => r.Name!)
            .Where(name => File.Exists(Path.Combine(AppContext.BaseDirectory, name + ".dll")) && !loaded.Contains(name));
        Assert.Empty(missing);
        Assert.Contains("Microsoft.Extensions.Hosting", loaded);
    }

    [Fact]
    public void What_a_process_never_uses_is_passed_over() =>
        Assert.True(OwnAssemblies.Load("Microsoft.Extensions.Hosting") < OwnAssemblies.Load());
}
