using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace LexIntel.Progress.LoadTest.Client;

/// <summary>epoll(7): which of many sockets can be read.</summary>
internal sealed unsafe partial class Poller : IDisposable
{
    public const uint Readable = 1;
    public const uint Writable = 4;

    private const int Most = 1024;
    private const int Add = 1;
    private const int Modify = 3;
    private const int CloseOnExec = 0x80000;

    // The kernel packs the structure on x86-64 only.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataOffset + 8;

    private readonly byte[] _events = GC.AllocateArray<byte>(Most * 16, pinned: true);
    private readonly int _epoll = epoll_create1(CloseOnExec);

    public void Watch(int socket, uint events, int token) => Control(Add, socket, events, token);

    public void Change(int socket, uint events, int token) => Control(Modify, socket, events, token);

    /// <summary>How many sockets have news; <see cref="this"/> tells their tokens.</summary>
    public int Wait(int milliseconds)
    {
        fixed (byte* events = _events)
            return Math.Max(epoll_wait(_epoll, events, Most, milliseconds), 0);
    }

    public (uint Events, int Token) this[int index]
    {
        get
        {
            var entry = _events.AsSpan(index * EventSize, EventSize);
            return (BinaryPrimitives.ReadUInt32LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[DataOffset..]));
        }
    }

    public void Dispose() => Socket.Close(_epoll);

    private void Control(int operation, int socket, uint events, int token)
    {
        var entry = stackalloc byte[16];
        *(uint*)entry = events;
        *(long*)(entry + DataOffset) = token;
        if (epoll_ctl(_epoll, operation, socket, entry) != 0)
            throw new InvalidOperationException($"epoll_ctl failed with error {Marshal.GetLastPInvokeError()}.");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int socket, byte* entry);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, byte* events, int most, int milliseconds);
}
