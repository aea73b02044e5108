using System.Buffers;
using MessagePack;
using StackExchange.Redis;

namespace LexIntel.Progress.LoadTest.Publishing.Messages;

/// <summary>What Socket.IO's emitter sends to its Redis adapter: MessagePack of the sender, the packet and the rooms.</summary>
internal sealed class SocketIoForm : IMessageForm
{
    private const int EventPacket = 2;

    public string Channel(string documentId) => $"socket.io#/#{documentId}#";

    public RedisValue Message(string documentId, string message)
    {
        var output = new ArrayBufferWriter<byte>(512);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(3);
        writer.Write("emitter");
        writer.WriteMapHeader(3);
        writer.Write("type");
        writer.Write(EventPacket);
        writer.Write("data");
        writer.WriteArrayHeader(2);
        writer.Write("state");
        WriteState(ref writer, documentId, message);
        writer.Write("nsp");
        writer.Write("/");
        writer.WriteMapHeader(3);
        writer.Write("rooms");
        writer.WriteArrayHeader(1);
        writer.Write(documentId);
        writer.Write("except");
        writer.WriteArrayHeader(0);
        writer.Write("flags");
        writer.WriteMapHeader(0);
        writer.Flush();
        return output.WrittenMemory;
    }

    private static void WriteState(ref MessagePackWriter writer, string documentId, string message)
    {
        var state = PlainState.Fields(documentId, message);
        writer.WriteMapHeader(state.Length);
        foreach (var (name, value) in state)
        {
            writer.Write(name);
            if (value is double number)
                writer.Write(number);
            else
                writer.Write((string)value);
        }
    }
}
