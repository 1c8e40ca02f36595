// The hub against connections that behave as ranks do, and against real processes that are killed.
#include "executor/watch/watch_hub.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "executor/watch/watchdog.h"
#include "test/catch.h"

namespace galvatron {
namespace {

constexpr Seconds kLongEnough{10};

WatchHub::Setup setup(int ranks, double silence) {
  return {.ranks = ranks, .limits = {.silence = {silence}}, .on_verdict = nullptr};
}

// A process that is watched and does nothing until it is told to end.
class WatchedProcess {
 public:
  WatchedProcess(const WatchHub& hub, int rank, double silence) : process_(fork()) {
    if (process_ != 0) return;
    Whereabouts here;
    here.begin_step(7);
    here.enter(Phase::reduce);
    const Watchdog watchdog({.hub = *parse_address(hub.address()),
                             .rank = rank,
                             .silence = {silence},
                             .hub_name = "the test",
                             .speaker = -1,
                             .here = here});
    while (true) pause();
  }
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

TEST_CASE("where the hub is gone the ranks end") {
  std::optional<WatchHub> hub(setup(1, 1));
  const WatchedProcess zero(*hub, 0, 1);
  wait_for_ranks(*hub, 1);
  hub.reset();
  CHECK(zero.wait() == 21);
}

TEST_CASE("a rank that takes its leave is not missed") {
  WatchHub hub(setup(1, 1));
  Whereabouts here;
  {
    Watchdog watchdog({.hub = *parse_address(hub.address()),
                       .rank = 0,
                       .silence = {1},
                       .hub_name = "the test",
                       .speaker = -1,
                       .here = here});
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
