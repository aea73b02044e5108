using System.Text;
using CsCheck;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Hub;

/// <summary>
/// What holds for a reader whatever a worker does, whatever is lost, repeated or late on the way, and however seldom the reader takes:
/// revisions rise, steps are complete, and after a look at the store it has the newest state. A failure prints a seed that replays it.
/// </summary>
public sealed class TopicProperties : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 3, 10, 31, 0, TimeSpan.Zero));
    private readonly ProgressApp _app;

    public TopicProperties() => _app = ProgressApp.Create(time: _time);

    private enum What
    {
        Update,
        LoseUpdate,
        Step,
        LoseStep,
        Attempt,
        LoseAttempt,
        RepeatAny,
        BeginLook,
        Look,
        LookAtOlder,
        Take,
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public void Reader_of_any_sequence_sees_rising_revisions_all_steps_and_the_newest() =>
        Gen.Select(Gen.Enum<What>(), Gen.Int[0, 1000]).Array[0, 60].Sample(
            sequence =>
            {
                var scene = new Scene(_app.Hub);
                foreach (var (what, which) in sequence)
                    scene.Do(what, which);
                scene.Do(What.Look, 0);
                scene.Do(What.Take, 0);
                Assert.Equal(scene.Newest, scene.Seen);
            },
            iter: 5_000);

    /// <summary>A worker's states, and one reader that checks what it takes.</summary>
    private sealed class Scene
    {
        private readonly List<Made> _made = [];
        private readonly Topic _topic;
        private readonly Mailbox _mailbox = new();
        private IReadOnlyList<string> _steps = [""];
        private ProgressRevision? _known;

        public Scene(ProgressHub hub)
        {
            _topic = new("a", hub);
            _topic.SetOpened();
            _topic.Join(_mailbox, after: null);
            Make(new(1764000000000, 1), ["s0"], isFull: true);
        }

        public ProgressRevision Newest => _made[^1].Revision;

        public ProgressRevision? Seen { get; private set; }

        public void Do(What what, int which)
        {
            var (last, steps) = (_made[^1].Revision, _made[^1].Steps);
            switch (what)
            {
                case What.Update or What.LoseUpdate:
                    Make(last with { Number = last.Number + 1 }, steps, isFull: false);
                    break;
                case What.Step or What.LoseStep:
                    Make(last with { Number = last.Number + 1 }, [.. steps, $"s{steps.Count}"], isFull: true);
                    break;
                case What.Attempt or What.LoseAttempt:
                    Make(new(last.Attempt + 1, 1), ["s0"], isFull: true);
                    break;
                case What.RepeatAny:
                    _topic.Receive(_made[which % _made.Count].Message);
                    break;
                case What.BeginLook:
                    _known = _topic.Ask().Known;
                    break;
                case What.Look:
                    Look(_made[^1]);
                    break;
                case What.LookAtOlder:
                    // A replica that lags, or a store that was restored from a copy.
                    Look(_made[which % _made.Count]);
                    break;
                default:
                    Take();
                    break;
            }

            if (what is What.Update or What.Step or What.Attempt)
                _topic.Receive(_made[^1].Message);
        }

        private void Make(ProgressRevision revision, IReadOnlyList<string> steps, bool isFull) => _made.Add(new(revision, steps, isFull));

        /// <summary>The store does not send again what stood here when it was asked, which may be a while ago.</summary>
        private void Look(Made stored)
        {
            _topic.Look(stored.Stored((_known ?? _topic.Ask().Known) == stored.Revision));
            _known = null;
        }

        private void Take()
        {
            while (_mailbox.TryTake(out var delivery))
            {
                if (delivery.State is not { } state)
                    continue;
                var revision = state.Revision!.Value;
                Assert.True(Seen is not { } before || before < revision, $"{Seen} was followed by {revision}");
                Seen = revision;
                // A client keeps the list that it has when a state comes without one; such a state names its own step.
                if (delivery.Full)
                    _steps = [.. state.Snapshot.Steps.Select(step => step.Name)];
                else if (_steps[^1] != state.Snapshot.Step)
                    _steps = [.. _steps, state.Snapshot.Step];
                Assert.Equal(_made.Find(made => made.Revision == revision)!.Steps, _steps);
            }
        }
    }

    private sealed record Made(ProgressRevision Revision, IReadOnlyList<string> Steps, bool IsFull)
    {
        public byte[] Message => Json(withSteps: IsFull);

        public StoredState Stored(bool isKnown) => new(Revision, isKnown ? default(ReadOnlyMemory<byte>) : Json(withSteps: true), TimeSpan.FromSeconds(1), TimeSpan.FromHours(24));

        private byte[] Json(bool withSteps)
        {
            var list = string.Join(',', Steps.Select(name => $"{{\"name\":\"{name}\",\"status\":\"processing\",\"started\":\"2026-01-03T10:30:45Z\"}}"));
            return Encoding.UTF8.GetBytes(
                $"{{\"revision\":\"{Revision}\",\"status\":\"processing\",\"document_id\":\"a\",\"step\":\"{Steps[^1]}\",\"progress\":1,\"message\":\"\",\"timestamp\":\"2026-01-03T10:30:45Z\"{(withSteps ? $",\"steps\":[{list}]" : "")}}}");
        }
    }
}
