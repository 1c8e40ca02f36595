#include "executor/watch/message.h"

#include <sys/socket.h>
#include <unistd.h>

#include <system_error>

#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("a hub's address reads back") {
  const HubAddress address{.host = "node7", .port = 4711, .key = 0xABC};
  CHECK(address_text(address) == "node7:4711:abc");
  CHECK(parse_address("node7:4711:abc") == address);
}

TEST_CASE("what is no address is none") {
  for (const char* text : {"", "node7", "node7:4711", ":1:2", "node7:x:2", "node7:1:", "::"}) {
    INFO(text);
    CHECK(!parse_address(text));
  }
}

struct Pair {
  Pair() { REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0); }
  int ends[2] = {-1, -1};
};

TEST_CASE("messages arrive whole, in order, in pieces or at once") {
  const Pair pair;
  const Connection one(pair.ends[0]);
  Connection other(pair.ends[1]);
  CHECK(other.receive().empty());
  const Message first{.key = 1, .rank = 5, .place = {.phase = Phase::save, .step = 2}};
  one.send(first);
  one.send({.key = 2, .place = {}});
  const std::vector<Message> both = other.receive();
  REQUIRE(both.size() == 2);
  CHECK(both[0].rank == 5);
  CHECK(both[0].place == first.place);
  CHECK(both[1].key == 2);
  REQUIRE(write(pair.ends[0], &first, 10) == 10);
  CHECK(other.receive().empty());
  const auto* rest = reinterpret_cast<const char*>(&first) + 10;
  REQUIRE(write(pair.ends[0], rest, sizeof first - 10) == sizeof first - 10);
  CHECK(other.receive().size() == 1);
}

TEST_CASE("the end of the other side is noticed, after what it said last") {
  const Pair pair;
  Connection other(pair.ends[1]);
  {
    const Connection one(pair.ends[0]);
    one.send({.key = 3, .place = {}});
  }
  CHECK(other.receive().size() == 1);
  CHECK(other.closed());
}

TEST_CASE("where nobody listens there is no connection") {
  const Listener listener = listen_for_ranks(Reach::this_machine);
  close(listener.socket);
  CHECK_THROWS_AS(connect_to({.host = "127.0.0.1", .port = listener.port, .key = 0}),
                  std::system_error);
}

}  // namespace
}  // namespace galvatron
