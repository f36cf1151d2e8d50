using Xunit;

namespace CodexCompanion.Pipeline.Tests.Steps;

public sealed class StepOrderTests
{
    private static readonly string[] BuiltIn = ["one", "two", "three"];

    [Fact]
    public void Built_in_steps_run_in_their_order_however_they_were_registered() =>
        Assert.Equal(["one", "two", "three"], Names(NamedStep.BuiltIn("three"), NamedStep.BuiltIn("one"), NamedStep.BuiltIn("two")));

    [Theory]
    [InlineData("one", "new,one,two,three")]
    [InlineData("two", "one,new,two,three")]
    [InlineData("three", "one,two,new,three")]
    public void A_step_goes_directly_before_the_one_it_names(string anchor, string expected) =>
        Assert.Equal(expected.Split(','), Names([NamedStep.Before("new", anchor), .. BuiltInSteps()]));

    [Theory]
    [InlineData("one", "one,new,two,three")]
    [InlineData("two", "one,two,new,three")]
    [InlineData("three", "one,two,three,new")]
    public void A_step_goes_directly_after_the_one_it_names(string anchor, string expected) =>
        Assert.Equal(expected.Split(','), Names([.. BuiltInSteps(), NamedStep.After("new", anchor)]));

    [Fact]
    public void Steps_may_name_one_another_in_a_chain_registered_in_any_order() =>
        Assert.Equal(
            ["one", "a", "b", "c", "two", "three"],
            Names([NamedStep.After("c", "b"), .. BuiltInSteps(), NamedStep.Before("a", "b"), NamedStep.Before("b", "two")]));

    [Fact]
    public void Names_are_told_apart_by_case() =>
        Assert.Equal(["One", "one", "two", "three"], Names([.. BuiltInSteps(), NamedStep.Before("One", "one")]));

    [Fact]
    public void A_step_placed_at_an_unknown_one_is_an_error_that_names_both()
    {
        var message = Refused([.. BuiltInSteps(), NamedStep.After("new", "Nowhere")]);

        Assert.Contains("'new'", message, StringComparison.Ordinal);
        Assert.Contains("'Nowhere'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_steps_of_one_name_are_an_error_that_names_it() =>
        Assert.Contains("'new'", Refused([.. BuiltInSteps(), NamedStep.After("new", "one"), NamedStep.Before("new", "two")]), StringComparison.Ordinal);

    [Fact]
    public void A_step_that_takes_the_name_of_a_built_in_one_is_an_error() =>
        Assert.Contains("'two'", Refused([.. BuiltInSteps(), NamedStep.After("two", "one")]), StringComparison.Ordinal);

    [Fact]
    public void Steps_placed_in_a_circle_are_an_error_that_names_them_and_no_others()
    {
        var message = Refused([.. BuiltInSteps(), NamedStep.After("a", "b"), NamedStep.Before("b", "c"), NamedStep.After("c", "a"), NamedStep.After("d", "one")]);

        Assert.EndsWith("a, b, c.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_placed_at_itself_is_a_circle() =>
        Assert.Contains("circle: a", Refused([.. BuiltInSteps(), NamedStep.After("a", "a")]), StringComparison.Ordinal);

    [Fact]
    public void A_built_in_step_that_is_not_registered_is_an_error_that_names_it() =>
        Assert.Contains("'two'", Refused([NamedStep.BuiltIn("one"), NamedStep.BuiltIn("three")]), StringComparison.Ordinal);

    [Fact]
    public void A_foreign_step_that_calls_itself_built_in_is_an_error_that_names_it() =>
        Assert.Contains("'new'", Refused([.. BuiltInSteps(), NamedStep.BuiltIn("new")]), StringComparison.Ordinal);

    private static IEnumerable<IPipelineStep> BuiltInSteps() => BuiltIn.Select(NamedStep.BuiltIn);

    private static IEnumerable<string> Names(params IEnumerable<IPipelineStep> steps) => StepOrder.Arrange(steps, BuiltIn).Select(s => s.Name);

    private static string Refused(params IEnumerable<IPipelineStep> steps) =>
        Assert.Throws<InvalidOperationException>(() => StepOrder.Arrange(steps, BuiltIn)).Message;
}
