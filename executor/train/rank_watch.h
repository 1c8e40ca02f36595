// A rank's part in the watch over a run: its own watchdog, and the hub where no launcher has one.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "executor/watch/watch_hub.h"
#include "executor/watch/watchdog.h"

namespace galvatron {

class RankWatch {
 public:
  // What this rank tells; both must outlive the watch.
  struct Told {
    const Whereabouts& here;
    WatchedCommunicators& communicators;
  };
  RankWatch(const Told& told, Seconds peer_timeout) : told_(told), peer_timeout_(peer_timeout) {}

  bool joined() const { return watchdog_.has_value(); }

  // The watch of the launcher that left its address.
  // Throws ExecutorError (launch) if it cannot be reached.
  void join_launcher(const std::string& address, int rank);

  // The ranks among themselves: rank 0 has the hub. `broadcast` gives all ranks rank 0's text.
  // A rank that cannot reach the hub says so and goes on unwatched.
  struct World {
    int rank = 0;
    int ranks = 1;
    std::function<std::string(std::string)> broadcast;
  };
  void join_ranks(const World& world);

  // Before a failure is reported, which may take its time. Waits where the hub is about to
  // report a failed communicator and to end the process.
  void fail_with(int code);

  // Just before the process ends. Rank 0 waits, where it has the hub, until all others have left.
  void leave(int code);

 private:
  void end_all(const Verdict& verdict) const;

  Told told_;
  Seconds peer_timeout_;
  std::optional<WatchHub> hub_;
  std::optional<Watchdog> watchdog_;
  std::atomic<int> own_code_{0};
};

}  // namespace galvatron
