using System.Data.Common;
using System.Threading.Channels;
using LexIntel.Progress.LoadTest.Stores;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace LexIntel.Progress.LoadTest.Publishing;

/// <summary>Workers that write their state into a database row: what has gathered while one transaction was under way goes into the next.</summary>
internal sealed class DatabaseSink : IUpdateSink
{
    private const string Upsert = "INSERT INTO progress (id, state) VALUES (@id, @state) ON CONFLICT (id) DO UPDATE SET state = excluded.state";
    private const string UpsertMany = "INSERT INTO progress (id, state) SELECT * FROM unnest(@id, @state) ON CONFLICT (id) DO UPDATE SET state = excluded.state";

    private readonly Lock _gate = new();
    private readonly StoreKind _store;
    private readonly DbDataSource _database;
    private readonly Channel<bool> _news = Channel.CreateUnbounded<bool>();
    private Dictionary<string, string> _pending = [];
    private bool _isWriting;

    public DatabaseSink(StoreKind store, string configuration)
    {
        _store = store;
        _database = store == StoreKind.Postgres ? NpgsqlDataSource.Create(configuration) : SqliteFactory.Instance.CreateDataSource(configuration);
        _ = Task.Run(WriteAsync);
    }

    public void Publish(int document, string message)
    {
        var id = Documents.Id(document);
        lock (_gate)
        {
            _pending[id] = PlainState.Json(id, message);
            if (_pending.Count > 1)
                return;
        }

        _news.Writer.TryWrite(true);
    }

    public async Task FlushAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_pending.Count == 0 && !_isWriting)
                    return;
            }

            await Task.Delay(5);
        }
    }

    private async Task WriteAsync()
    {
        await using var connection = await _database.OpenConnectionAsync();
        while (true)
        {
            await _news.Reader.ReadAsync();
            Dictionary<string, string> states;
            lock (_gate)
            {
                (states, _pending) = (_pending, []);
                _isWriting = states.Count > 0;
            }

            if (states.Count == 0)
                continue;

            await using var transaction = await connection.BeginTransactionAsync();
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
            if (_store == StoreKind.Postgres)
                await WriteManyAsync((NpgsqlCommand)command, states);
            else
                WriteEach((SqliteCommand)command, states);
            await transaction.CommitAsync();
            lock (_gate)
                _isWriting = false;
        }
    }

    private static async Task WriteManyAsync(NpgsqlCommand command, Dictionary<string, string> states)
    {
        command.CommandText = UpsertMany;
        command.Parameters.AddWithValue("id", states.Keys.ToArray());
        command.Parameters.AddWithValue("state", states.Values.ToArray());
        await command.ExecuteNonQueryAsync();
    }

    private static void WriteEach(SqliteCommand command, Dictionary<string, string> states)
    {
        command.CommandText = Upsert;
        var (id, state) = (command.Parameters.Add("@id", SqliteType.Text), command.Parameters.Add("@state", SqliteType.Text));
        foreach (var (documentId, json) in states)
        {
            (id.Value, state.Value) = (documentId, json);
            command.ExecuteNonQuery();
        }
    }
}
