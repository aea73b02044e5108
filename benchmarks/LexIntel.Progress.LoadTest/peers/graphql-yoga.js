// GraphQL subscriptions: graphql-yoga over Server-Sent Events, its default, with its Redis event target.
import { createServer } from "node:http";
import { createRedisEventTarget } from "@graphql-yoga/redis-event-target";
import { createPubSub } from "@graphql-yoga/subscription";
import { createSchema, createYoga } from "graphql-yoga";
import { Redis } from "ioredis";

const [host, port] = process.argv[2].split(":");
const options = { host, port: Number(port) };
const pubSub = createPubSub({ eventTarget: createRedisEventTarget({ publishClient: new Redis(options), subscribeClient: new Redis(options) }) });

const yoga = createYoga({
  graphiql: false,
  logging: "error",
  maskedErrors: false,
  schema: createSchema({
    typeDefs: /* GraphQL */ `
      type State {
        document_id: ID!
        status: String!
        step: String!
        progress: Float!
        message: String!
        timestamp: String!
      }
      type Query {
        version: String
      }
      type Subscription {
        progress(document: ID!): State!
      }
    `,
    resolvers: {
      Subscription: {
        progress: {
          subscribe: (_, { document }) => pubSub.subscribe("progress", document),
          resolve: (state) => state,
        },
      },
    },
  }),
});
const http = createServer(yoga);
http.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => console.log(http.address().port));
