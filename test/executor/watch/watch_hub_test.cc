// The hub against connections that behave as ranks do, and against real processes that are killed.
#include "executor/watch/watch_hub.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>

#include "executor/watch/watchdog.h"
#include "test/catch.h"

namespace galvatron {
namespace {

constexpr Seconds kLongEnough{10};

WatchHub::Setup setup(int ranks, double silence) {
  return {.ranks = ranks, .limits = {.silence = {silence}}, .on_verdict = nullptr};
}

// What a watched process does until it is told to end.
using Work = std::function<void(Watchdog& watchdog, WatchedCommunicators& communicators)>;

void wait_for_ever(Watchdog&, WatchedCommunicators&) {
  while (true) pause();
}

// A process that is watched.
class WatchedProcess {
 public:
  WatchedProcess(const WatchHub& hub, int rank, double silence, const Work& work = wait_for_ever)
      : process_(fork()) {
    if (process_ != 0) return;
    Whereabouts here;
    here.begin_step(7);
    here.enter(Phase::reduce);
    WatchedCommunicators communicators;
    Watchdog watchdog({.hub = *parse_address(hub.address()),
                       .rank = rank,
                       .silence = {silence},
                       .hub_name = "the test",
                       .speaker = -1,
                       .here = here,
                       .communicators = communicators});
    work(watchdog, communicators);
    _exit(kWentOn);
  }
  static constexpr int kWentOn = 99;
  WatchedProcess(const WatchedProcess&) = delete;
  WatchedProcess& operator=(const WatchedProcess&) = delete;
  ~WatchedProcess() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

  void send(int signal_number) const { kill(process_, signal_number); }
  // The exit code, or 128 + signal.
  int wait() const {
    int status = 0;
    waitpid(process_, &status, WUNTRACED);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t process_;
};

void wait_for_ranks(const WatchHub& hub, std::size_t ranks) {
  while (hub.processes().size() < ranks) usleep(1000);
}

TEST_CASE("a killed process is named, and the others end with code 21") {
  WatchHub hub(setup(3, 5));
  const WatchedProcess zero(hub, 0, 5);
  const WatchedProcess one(hub, 1, 5);
  const WatchedProcess two(hub, 2, 5);
  wait_for_ranks(hub, 3);
  one.send(SIGKILL);
  CHECK(zero.wait() == 21);
  CHECK(two.wait() == 21);
  const auto verdict = hub.finish(kLongEnough);
  REQUIRE(verdict);
  CHECK(verdict->rank == 1);
  CHECK_THAT(verdict->text, Catch::Matchers::EndsWith("died; last heard of at: step 7, reduce"));
}

TEST_CASE("a stopped process is noticed after the silence, and the others end with code 22") {
  WatchHub hub(setup(2, 1));
  const WatchedProcess zero(hub, 0, 1);
  const WatchedProcess one(hub, 1, 1);
  wait_for_ranks(hub, 2);
  const auto begin = std::chrono::steady_clock::now();
  one.send(SIGSTOP);
  CHECK(zero.wait() == 22);
  CHECK(std::chrono::steady_clock::now() - begin > std::chrono::milliseconds(800));
  const auto verdict = hub.finish(kLongEnough);
  REQUIRE(verdict);
  CHECK(verdict->rank == 1);
}

// A rank whose communicator fails when it is asked for the third time. Its main thread waits for
// what never comes, until the abort ends the wait; then it finds an error of its own.
void lose_the_network(Watchdog& watchdog, WatchedCommunicators& communicators) {
  int polls = 0;
  const WatchedCommunicators::Entry entry(
      communicators, {.name = "the communicator of ranks 0-2",
                      .failure = [&]() -> std::optional<std::string> {
                        return ++polls < 3 ? std::nullopt : std::optional("network error");
                      },
                      .abort = [] {}});
  while (!entry.aborted()) usleep(1000);
  watchdog.fail_with(24);
}

TEST_CASE("a communicator that fails ends all with code 21, and the hub alone says so") {
  WatchHub hub(setup(3, 2));
  const WatchedProcess zero(hub, 0, 2);
  const WatchedProcess one(hub, 1, 2, lose_the_network);
  const WatchedProcess two(hub, 2, 2);
  wait_for_ranks(hub, 3);
  const auto verdict = hub.finish(kLongEnough);
  REQUIRE(verdict);
  CHECK(zero.wait() == 21);
  CHECK(one.wait() == 21);
  CHECK(two.wait() == 21);
  CHECK_THAT(verdict->text, Catch::Matchers::StartsWith("rank 1 (process ") &&
                                Catch::Matchers::EndsWith(
                                    "cannot reach others: the communicator of ranks 0-2 failed: "
                                    "network error; last heard of at: step 7, reduce"));
}

TEST_CASE("where the hub is gone the ranks end") {
  std::optional<WatchHub> hub(setup(1, 1));
  const WatchedProcess zero(*hub, 0, 1);
  wait_for_ranks(*hub, 1);
  hub.reset();
  CHECK(zero.wait() == 21);
}

TEST_CASE("a rank that takes its leave is not missed") {
  WatchHub hub(setup(1, 1));
  const Whereabouts here;
  WatchedCommunicators communicators;
  {
    Watchdog watchdog({.hub = *parse_address(hub.address()),
                       .rank = 0,
                       .silence = {1},
                       .hub_name = "the test",
                       .speaker = -1,
                       .here = here,
                       .communicators = communicators});
    watchdog.leave(0);
  }
  CHECK(!hub.finish(kLongEnough));
}

TEST_CASE("a stranger without the key is not heard") {
  WatchHub hub(setup(1, 5));
  HubAddress address = *parse_address(hub.address());
  {
    const Connection stranger = connect_to(address);
    stranger.send(
        {.key = address.key + 1, .kind = Message::Kind::leave, .rank = 0, .code = 1, .place = {}});
  }
  usleep(200'000);
  CHECK(!hub.verdict());
}

}  // namespace
}  // namespace galvatron
