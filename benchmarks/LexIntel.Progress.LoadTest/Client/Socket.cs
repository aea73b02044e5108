using System.Runtime.InteropServices;

namespace LexIntel.Progress.LoadTest.Client;

/// <summary>
/// The few system calls a load client needs. .NET's own sockets cost a wake-up of the thread pool per read, which on a machine that the
/// client shares with the server would be measured as the server's.
/// </summary>
internal static unsafe partial class Socket
{
    public const int WouldBlock = 11;
    public const int InProgress = 115;

    private const int InterNetwork = 2;
    private const int Stream = 1;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int Tcp = 6;
    private const int NoDelay = 1;
    private const int TcpInfo = 11;
    private const int InfoLength = 160;
    private const int DataSegmentsIn = 152;
    private const int SocketLevel = 1;
    private const int SocketLinger = 13;
    private const int Ip = 0;
    private const int BindAddressNoPort = 24;
    private const int SocketError = 4;

    /// <summary>Begins to connect from one address of the loopback network to a port of 127.0.0.1. Negative: the error.</summary>
    public static int Connect(byte lastPartOfSource, int port)
    {
        var socket = OpenSocket(InterNetwork, Stream | NonBlocking | CloseOnExec, 0);
        if (socket < 0)
            return -Marshal.GetLastPInvokeError();
        var one = 1;
        _ = setsockopt(socket, Tcp, NoDelay, &one, sizeof(int));
        // The port is chosen when connecting (ip(7)): bind would look for one that nobody uses towards any server, longer and longer until there is none.
        _ = setsockopt(socket, Ip, BindAddressNoPort, &one, sizeof(int));
        // Closed by a reset (socket(7), SO_LINGER), which leaves no port waiting for a minute: the next trial needs it.
        var linger = (On: 1, Seconds: 0);
        _ = setsockopt(socket, SocketLevel, SocketLinger, &linger, 2 * sizeof(int));
        var source = new Address(lastPartOfSource, 0);
        var target = new Address(1, port);
        if (bind(socket, &source, sizeof(Address)) == 0 && (connect(socket, &target, sizeof(Address)) == 0 || Marshal.GetLastPInvokeError() == InProgress))
            return socket;
        var error = Marshal.GetLastPInvokeError();
        Close(socket);
        return -error;
    }

    /// <summary>Bytes read; 0 at the end, negative: the error.</summary>
    public static int Receive(int socket, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var count = (int)recv(socket, start, (nuint)buffer.Length, 0);
            return count < 0 ? -Marshal.GetLastPInvokeError() : count;
        }
    }

    /// <summary>Bytes sent; negative: the error.</summary>
    public static int Send(int socket, ReadOnlySpan<byte> bytes)
    {
        const int NoSignal = 0x4000;
        fixed (byte* start = bytes)
        {
            var count = (int)send(socket, start, (nuint)bytes.Length, NoSignal);
            return count < 0 ? -Marshal.GetLastPInvokeError() : count;
        }
    }

    /// <summary>Segments with data that the kernel has received on a connection (tcp(7), TCP_INFO).</summary>
    public static uint SegmentsReceived(int socket)
    {
        var info = stackalloc byte[InfoLength];
        var length = InfoLength;
        return getsockopt(socket, Tcp, TcpInfo, info, &length) == 0 && length >= DataSegmentsIn + sizeof(uint) ? *(uint*)(info + DataSegmentsIn) : 0;
    }

    public static int PendingError(int socket)
    {
        int error;
        var length = sizeof(int);
        return getsockopt(socket, SocketLevel, SocketError, &error, &length) == 0 ? error : Marshal.GetLastPInvokeError();
    }

    public static void Close(int socket) => _ = close(socket);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int socket, int level, int name, void* value, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(int socket, int level, int name, void* value, int* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(int socket, Address* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int socket, Address* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int socket);

    /// <summary>A sockaddr_in of the loopback network.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    private readonly struct Address(byte lastPart, int port)
    {
        private readonly ushort _family = InterNetwork;
        private readonly byte _portHigh = (byte)(port >> 8);
        private readonly byte _portLow = (byte)port;
        private readonly byte _first = 127;
        private readonly byte _second;
        private readonly byte _third;
        private readonly byte _last = lastPart;
    }
}
