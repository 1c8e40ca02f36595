#include "executor/watch/verdict.h"

#include "test/catch.h"

namespace galvatron {
namespace {

using State = Sighting::State;

Sighting running(const std::string& name, double heard, double moved) {
  return {.state = State::running,
          .heard = {heard},
          .moved = {moved},
          .place = {.phase = Phase::backward, .step = 3},
          .name = name};
}

const WatchLimits kLimits{.silence = {20}, .start = {60}};

std::optional<Verdict> at(double now, const std::vector<Sighting>& ranks) {
  return judge(ranks, kLimits, {now}, {});
}

TEST_CASE("ranks that answer and get further are let alone") {
  CHECK(!at(100, {running("a", 99, 98), running("b", 85, 20)}));
}

TEST_CASE("a rank that was lost is named with where it was") {
  std::vector<Sighting> ranks{running("a", 99, 98), running("rank 1", 99, 98)};
  ranks[1].state = State::lost;
  CHECK(at(100, ranks) == Verdict{.rank = 1,
                                  .code = ExitCode::peer_died,
                                  .text = "rank 1 died; last heard of at: step 3, backward"});
}

TEST_CASE("a rank that left with an error has said why") {
  std::vector<Sighting> ranks{running("a", 99, 98), running("b", 99, 98)};
  ranks[0].state = State::left;
  CHECK(!at(100, ranks));
  ranks[0].exit_code = 24;
  CHECK(at(100, ranks) == Verdict{.rank = 0, .text = "", .own_code = 24});
}

TEST_CASE("a communicator that failed is named with the rank that said so first, a second later") {
  std::vector<Sighting> ranks{running("rank 0", 99, 98), running("rank 1", 99, 98)};
  ranks[0].failed = Seconds{99.5};
  ranks[0].failure = "said later";
  ranks[1].failed = Seconds{99};
  ranks[1].failure = "the NCCL communicator of ranks 0, 1 failed: network error";
  CHECK(!at(99.9, ranks));
  CHECK(at(100.1, ranks) ==
        Verdict{.rank = -1,
                .code = ExitCode::peer_died,
                .text = "rank 1 cannot reach others: the NCCL communicator of ranks 0, 1 failed: "
                        "network error; last heard of at: step 3, backward"});
}

TEST_CASE("where a rank is done, others may lose their connections to it") {
  std::vector<Sighting> ranks{running("rank 0", 99, 98), running("rank 1", 99, 98)};
  ranks[0].failed = Seconds{90};
  ranks[1].state = State::left;
  CHECK(!at(100, ranks));
}

TEST_CASE("who died is the culprit, not who lost the connection to it") {
  std::vector<Sighting> ranks{running("rank 0", 99, 98), running("rank 1", 99, 98)};
  ranks[0].failed = Seconds{90};
  ranks[1].state = State::lost;
  REQUIRE(at(100, ranks));
  CHECK(at(100, ranks)->rank == 1);
}

TEST_CASE("of the silent ones the longest silent is the culprit") {
  const auto verdict = at(100, {running("a", 79, 79), running("rank 1", 70, 70)});
  REQUIRE(verdict);
  CHECK(verdict->rank == 1);
  CHECK(verdict->code == ExitCode::timeout);
  CHECK(verdict->text == "rank 1 has not answered for 30.0 s; last heard of at: step 3, backward");
}

TEST_CASE("a rank that never came is named after the time for starting") {
  const std::vector<Sighting> ranks{{.heard = {0}, .name = "rank 0"}};
  CHECK(!at(59, ranks));
  const auto verdict = at(61, ranks);
  REQUIRE(verdict);
  CHECK(verdict->text == "rank 0 has not started within 61.0 s");
}

TEST_CASE("ranks that all wait are told apart from slow ones by the longest pause") {
  const std::vector<Sighting> ranks{running("rank 0", 199, 10), running("rank 1", 199, 12)};
  CHECK(!at(110, ranks));
  const auto verdict = at(199, ranks);
  REQUIRE(verdict);
  CHECK(verdict->rank == -1);
  CHECK(verdict->text ==
        "no rank has got further for 100.0 s:\n  rank 0: step 3, backward\n  rank 1: step 3, "
        "backward");
  CHECK(!judge(ranks, kLimits, {199}, {40}));
}

TEST_CASE("files take as long as they take, and a rank that is done is not waited for") {
  std::vector<Sighting> ranks{running("a", 199, 10), running("b", 199, 10)};
  ranks[1].place.phase = Phase::save;
  CHECK(!at(199, ranks));
  ranks[1].state = State::left;
  CHECK(at(199, ranks));
  ranks[0].state = State::left;
  CHECK(!at(199, ranks));
}

}  // namespace
}  // namespace galvatron
