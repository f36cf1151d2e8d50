namespace CodexCompanion.Bench;

/// <summary>Something measured several times.</summary>
internal sealed class Series(string name)
{
    private readonly List<Cost> _costs = [];

    public string Name { get; } = name;

    public double Wall => Median(c => c.Wall);

    public double Cpu => Median(c => c.Cpu);

    public double FastestWall => _costs.Min(c => c.Wall);

    public double SlowestWall => _costs.Max(c => c.Wall);

    public void Add(Cost cost) => _costs.Add(cost);

    private double Median(Func<Cost, double> figure)
    {
        var sorted = _costs.Select(figure).Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }
}

/// <summary>
/// Measures several things round by round, so that a machine whose speed drifts slows all of them alike, and in another order each round, so that
/// none always runs in the wake of the same other.
/// </summary>
internal sealed class Rounds
{
    // The same orders in every run.
    private const int Seed = 1;

    private readonly List<(Series Series, Func<Task<Cost>> Run)> _all = [];

    public Series Add(string name, Func<Task<Cost>> run)
    {
        var series = new Series(name);
        _all.Add((series, run));
        return series;
    }

    public async Task RunAsync(int rounds)
    {
        var order = new Random(Seed);
        for (var round = -1; round < rounds; round++)
        {
            foreach (var (series, run) in _all.OrderBy(_ => order.Next()).ToList())
            {
                var cost = await run();
                if (round >= 0) // The first round warms caches and is not counted.
                    series.Add(cost);
            }
        }
    }

    public void Print()
    {
        Console.WriteLine($"  {"",-44} {"wall ms",9} {"min",8} {"max",8} {"CPU ms",9}");
        foreach (var (series, _) in _all)
            Console.WriteLine($"  {series.Name,-44} {series.Wall,9:0.0} {series.FastestWall,8:0.0} {series.SlowestWall,8:0.0} {series.Cpu,9:0.0}");
    }
}
