#include "executor/watch/watched_communicators.h"

#include <unistd.h>

#include <chrono>

#include "test/catch.h"

namespace galvatron {
namespace {

using Entry = WatchedCommunicators::Entry;

// Fails when it is asked for the `polls`th time; counts its aborts.
struct Fake {
  int polls = 0;
  int aborts = 0;

  WatchedCommunicators::Watched watched(const std::string& name) {
    return {.name = name,
            .failure = [this]() -> std::optional<std::string> {
              return --polls == 0 ? std::optional("network error") : std::nullopt;
            },
            .abort = [this] { ++aborts; }};
  }
};

TEST_CASE("a communicator is named when it fails, and not before") {
  WatchedCommunicators all;
  Fake sound;
  Fake failing{.polls = 3};
  const Entry first(all, sound.watched("A"));
  const Entry second(all, failing.watched("B"));
  CHECK(!all.first_failure());
  CHECK(!all.first_failure());
  CHECK(all.first_failure() == "B failed: network error");
}

TEST_CASE("a communicator that is gone is not asked") {
  WatchedCommunicators all;
  Fake failing{.polls = 1};
  { const Entry entry(all, failing.watched("A")); }
  CHECK(!all.first_failure());
  CHECK(failing.polls == 1);
}

TEST_CASE("when one has failed all are aborted, and what they bring is not used") {
  WatchedCommunicators all;
  Fake sound;
  Fake failing{.polls = 1};
  const Entry first(all, sound.watched("A"));
  const Entry second(all, failing.watched("B"));
  all.abort_if_failed();
  CHECK(sound.aborts + failing.aborts == 0);
  CHECK(!first.aborted());
  REQUIRE(all.first_failure());
  all.abort_if_failed();
  CHECK(sound.aborts == 1);
  CHECK(failing.aborts == 1);
  CHECK(first.aborted());
}

TEST_CASE("an abort that hangs is not waited for") {
  const auto hang = [] {
    while (true) pause();
  };
  auto& all = *new WatchedCommunicators;  // outlives this test, as the thread does that hangs
  new Entry(
      all,
      {.name = "A", .failure = [] { return std::optional<std::string>("error"); }, .abort = hang});
  REQUIRE(all.first_failure());
  const auto begin = std::chrono::steady_clock::now();
  all.abort_if_failed();
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(4));
}

}  // namespace
}  // namespace galvatron
