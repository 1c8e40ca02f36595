#include "executor/train/rank_watch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <system_error>
#include <thread>

#include "executor/launch/exit_code.h"

namespace galvatron {
namespace {

// Longer than a launcher takes to end everybody after the first failure.
constexpr std::chrono::seconds kCulpritEndsFirst{1};
constexpr Seconds kTimeToTell{1};
constexpr Seconds kForAsLongAsItTakes{1e9};  // the hub itself sees to it that nobody hangs

void say(const Verdict& verdict) {
  if (verdict.rank == 0 || verdict.text.empty()) return;  // rank 0 is this process
  fmt::print(stderr, "galvatron-exec: {}\n", verdict.text);
}

HubAddress required_address(const std::string& text) {
  const std::optional<HubAddress> address = parse_address(text);
  if (!address) {
    throw ExecutorError(
        ExitCode::launch,
        fmt::format("the launcher's address must be host:port:key, got \"{}\"", text));
  }
  return *address;
}

}  // namespace

void RankWatch::join_launcher(const std::string& address, int rank) {
  try {
    watchdog_.emplace(Watchdog::Setup{.hub = required_address(address),
                                      .rank = rank,
                                      .silence = peer_timeout_,
                                      .hub_name = "the process that started the ranks",
                                      .speaker = 0,
                                      .here = told_.here,
                                      .communicators = told_.communicators});
  } catch (const std::system_error& error) {
    throw ExecutorError(
        ExitCode::launch,
        fmt::format("the process that started the ranks is gone: {}", error.what()));
  }
}

void RankWatch::join_ranks(const World& world) {
  if (world.rank == 0) {
    hub_.emplace(WatchHub::Setup{.ranks = world.ranks,
                                 .limits = {.silence = peer_timeout_},
                                 .reach = Reach::network,
                                 .say = say,
                                 .on_verdict = [this](const Verdict& v) { end_all(v); }});
  }
  HubAddress address = required_address(world.broadcast(hub_ ? hub_->address() : std::string()));
  if (address.host == host_name()) address.host = "127.0.0.1";
  try {
    watchdog_.emplace(Watchdog::Setup{.hub = address,
                                      .rank = world.rank,
                                      .silence = peer_timeout_,
                                      .hub_name = "rank 0",
                                      .speaker = 1,
                                      .here = told_.here,
                                      .communicators = told_.communicators});
  } catch (const std::system_error& error) {
    fmt::print(stderr, "galvatron-exec: rank {} goes on unwatched: {}\n", world.rank, error.what());
  }
}

void RankWatch::fail_with(int code) {
  if (watchdog_) watchdog_->fail_with(code);
  own_code_ = code;
}

void RankWatch::leave(int code) {
  if (!watchdog_) return;
  watchdog_->leave(code);
  watchdog_.reset();
  if (hub_) hub_->finish(code == 0 ? kForAsLongAsItTakes : kTimeToTell);
}

// On the hub's thread: the main thread may wait for ever for the rank that is gone.
void RankWatch::end_all(const Verdict& verdict) const {
  if (verdict.rank == 0) return;  // this process, which is about to end
  if (verdict.text.empty()) std::this_thread::sleep_for(kCulpritEndsFirst);
  told_.communicators.abort_if_failed();
  const int own = own_code_;
  _exit(own != 0 ? own : static_cast<int>(verdict.code));
}

}  // namespace galvatron
