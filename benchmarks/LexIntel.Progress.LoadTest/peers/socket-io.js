// Socket.IO with its Redis adapter: a room per document. WebSocket only, as its guide advises where no sticky sessions are wanted.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const [host, port] = process.argv[2].split(":");
const publish = createClient({ socket: { host, port: Number(port) } });
const subscribe = publish.duplicate();
await Promise.all([publish.connect(), subscribe.connect()]);

const http = createServer();
const io = new Server(http, { adapter: createAdapter(publish, subscribe), transports: ["websocket"], perMessageDeflate: false });
io.on("connection", (socket) => {
  // The initial request is not needed any more; the guide on memory use says to let go of it.
  socket.conn.request = null;
  socket.on("watch", (documentId) => {
    socket.join(documentId);
    socket.emit("watching");
  });
});
http.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => console.log(http.address().port));
