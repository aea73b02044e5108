using System.Text;
using CsCheck;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Redis;

namespace LexIntel.Progress.Tests.Wire;

/// <summary>What lies under our names in a server that others use too, and what it answers, may be anything.</summary>
public sealed class RedisAnswerTests
{
    private static readonly Gen<ProgressRevision> Revisions =
        Gen.Select(Gen.Long[1, ProgressRevision.MaxPart], Gen.Long[1, ProgressRevision.MaxPart], (attempt, number) => new ProgressRevision(attempt, number));

    [Fact]
    public void RevisionOf_stored_state_is_the_one_it_begins_with() => Gen.Select(Revisions, Gen.String[0, 50]).Sample((revision, rest) =>
        RedisAnswer.RevisionOf(Encoding.UTF8.GetBytes($"{{\"revision\":\"{revision}\",{rest}")) == revision);

    [Fact]
    public void RevisionOf_junk_is_null_or_a_revision_that_stands_there() => Gen.OneOf(
        Gen.Byte.Array[0, 80],
        Gen.Select(Revisions, Gen.Int[0, 45], Gen.Byte, (revision, at, value) =>
        {
            var bytes = Encoding.UTF8.GetBytes($"{{\"revision\":\"{revision}\",\"x\":1}}");
            bytes[at % bytes.Length] = value;
            return bytes;
        })).Sample(
        bytes =>
        {
            if (RedisAnswer.RevisionOf(bytes) is { } revision)
                Assert.StartsWith($"{{\"revision\":\"{revision}\"", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        },
        iter: 20_000);

    [Theory]
    [InlineData("ERR Script attempted to access a non local key in a cluster node script: 7aca3d, on @user_script:1.", true)]
    [InlineData("ERR Lua script attempted to access a non local key in a cluster node", true)]
    [InlineData("ERR Unable to execute command 'set' in script because undeclared keys were accessed during rehashing of the slot", true)]
    [InlineData("ERR Script attempted to access keys that do not hash to the same slot", true)]
    [InlineData("CLUSTERDOWN Hash slot not served", false)]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'.", false)]
    [InlineData("WRONGTYPE Operation against a key holding the wrong kind of value", false)]
    public void IsElsewhere_is_what_another_call_can_mend(string error, bool expected) => Assert.Equal(expected, RedisAnswer.IsElsewhere(new(OfferOutcome.NotNow, Error: error)));

    [Fact]
    public void Parse_answer_of_the_script_is_read_back() => Gen.Select(Gen.Char["+=-"], Revisions, Gen.Int[1, 1000]).Sample((sign, revision, run) =>
        RedisAnswer.Parse(Encoding.UTF8.GetBytes($"{sign}{revision} {run}")) == new OfferResult(
            sign switch { '+' => OfferOutcome.Accepted, '=' => OfferOutcome.Repeated, _ => OfferOutcome.Refused }, revision, run));

    [Fact]
    public void Parse_junk_is_never_taken_for_success() => Gen.OneOf(Gen.String[0, 40], Gen.Char["+=-!0123456789 "].Array[0, 40].Select(chars => new string(chars))).Sample(
        answer =>
        {
            var result = RedisAnswer.Parse(Encoding.UTF8.GetBytes(answer));
            if (result.Outcome is OfferOutcome.Accepted or OfferOutcome.Repeated)
                Assert.Matches(@"\A[+=][1-9][0-9]{0,14}-[1-9][0-9]{0,14} [0-9]+\z", answer);
        },
        iter: 20_000);

    [Fact]
    public void Parse_renewal_that_found_nothing_is_refused_without_a_revision() =>
        Assert.Equal(new OfferResult(OfferOutcome.Refused), RedisAnswer.Parse("-"u8));

    [Theory]
    [InlineData("!WRONGTYPE Operation against a key holding the wrong kind of value", false)]
    [InlineData("!NOPERM No permissions to access a channel used as argument", false)]
    [InlineData("!OOM command not allowed when used memory > 'maxmemory'.", true)]
    [InlineData("!READONLY You can't write against a read only replica.", true)]
    [InlineData("!LOADING Redis is loading the dataset in memory", true)]
    [InlineData("!CLUSTERDOWN The cluster is down", true)]
    [InlineData("!", true)]
    [InlineData("", true)]
    public void Parse_error_says_whether_it_passes(string answer, bool passes) =>
        Assert.Equal(passes ? OfferOutcome.NotNow : OfferOutcome.Impossible, RedisAnswer.Parse(Encoding.UTF8.GetBytes(answer)).Outcome);
}
