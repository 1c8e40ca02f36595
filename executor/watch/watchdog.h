// A rank's own end of the watch: a thread that tells the hub where the rank is, and ends the
// process when the hub says so or is gone itself. It works while the main thread hangs.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "cost_models/units.h"
#include "executor/watch/message.h"
#include "executor/watch/watched_communicators.h"

namespace galvatron {

class Watchdog {
 public:
  struct Setup {
    HubAddress hub;
    int rank = 0;
    Seconds silence{20};   // of the hub, until it counts as stopped
    std::string hub_name;  // who that is: "rank 0", or the process that started all ranks
    int speaker = 0;       // the rank that says so if the hub is lost
    const Whereabouts& here;
    WatchedCommunicators& communicators;
  };

  // Throws std::system_error if the hub cannot be reached.
  explicit Watchdog(Setup setup);
  ~Watchdog();  // the process goes on unwatched; leave() first
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // This process has failed and is about to end with `code`: from now on a verdict ends it with
  // that code too. Where the hub was told that a communicator has failed, its verdict ends the
  // process in here: what the main thread found is a consequence, and the hub speaks.
  void fail_with(int code);

  // Tells the hub that the process ends now, by itself. Nothing ends it from outside any more.
  void leave(int code);

 private:
  void keep_watch();
  void obey(const Message& verdict) const;
  void check_hub(Seconds now);
  void check_communicators();
  Message message(Message::Kind kind) const;
  [[noreturn]] void end_process(int code) const;

  Setup setup_;
  Connection connection_;
  int wake_ = -1;
  Seconds heard_{};
  Seconds last_look_{};
  std::atomic<int> own_code_{0};
  std::atomic<bool> left_{false};
  std::thread thread_;
};

}  // namespace galvatron
