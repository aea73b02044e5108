using System.Data.Common;
using LexIntel.Progress.LoadTest.Stores;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace LexIntel.Progress.LoadTest.Servers;

/// <summary>What polling clients ask: a row of a database, through a pool of the default size.</summary>
internal sealed class PollingServer(StoreKind store) : IServerUnderTest
{
    private DbDataSource _database = null!;

    public void Configure(WebApplicationBuilder builder, string redis)
    {
    }

    public Task MapAsync(WebApplication app, string redis)
    {
        _database = store == StoreKind.Postgres ? NpgsqlDataSource.Create(redis) : SqliteFactory.Instance.CreateDataSource(redis);
        app.MapGet("/progress/documents/{id}/status", (string id, HttpContext context) => AnswerAsync(context, id));
        return Task.CompletedTask;
    }

    private async Task AnswerAsync(HttpContext context, string id)
    {
        string? state;
        await using (var connection = await _database.OpenConnectionAsync(context.RequestAborted))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT state FROM progress WHERE id = @id";
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ("id", id);
            command.Parameters.Add(parameter);
            state = (string?)await command.ExecuteScalarAsync(context.RequestAborted);
        }

        context.Response.ContentType = "application/json";
        var bytes = System.Text.Encoding.UTF8.GetBytes(state ?? "{}");
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}
