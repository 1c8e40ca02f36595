// The one process that hears from all ranks: their launcher where we are the launcher, else rank 0.
//
// Each rank keeps a connection to the hub and sends a beat over it from a thread of its own, also
// while its main thread waits in a collective. A killed process closes its connection at once, a
// stopped one falls silent. The hub decides, tells everybody else to end, and says it once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "executor/watch/message.h"
#include "executor/watch/verdict.h"

namespace galvatron {

class WatchHub {
 public:
  struct Setup {
    int ranks = 1;
    WatchLimits limits;
    Reach reach = Reach::this_machine;
    // Called once each, on the hub's own thread: before the ranks are told, who end at once and may
    // be this very process, and after.
    std::function<void(const Verdict&)> say;
    std::function<void(const Verdict&)> on_verdict;
  };

  // Throws std::system_error.
  explicit WatchHub(Setup setup);
  ~WatchHub();  // stops listening at once
  WatchHub(const WatchHub&) = delete;
  WatchHub& operator=(const WatchHub&) = delete;

  std::string address() const { return address_text(address_); }

  // Returns when every rank that came has gone, or after `patience`: what has been decided by then.
  std::optional<Verdict> finish(Seconds patience);

  // What has been decided so far.
  std::optional<Verdict> verdict() const;

  // Of the ranks that have come and not gone, for signals to them; meaningful on one machine.
  std::vector<int> processes() const;

 private:
  struct Peer {
    Connection connection;
    int rank = -1;  // unknown until its hello
    int process = 0;
  };

  void serve();
  void forgive_a_pause();
  void serve_socket(int socket);
  void accept_peers();
  void hear(Peer& peer, const Message& message);
  void lose(int socket);
  void decide();
  void tell(const Peer& peer) const;
  void send_beats();
  Seconds now() const;

  Setup setup_;
  HubAddress address_;
  Listener listener_;
  int poll_ = -1;
  Seconds began_{};
  Seconds last_look_{};  // of the hub's thread, as the next two
  Seconds last_beat_{};
  std::optional<Seconds> woke_;  // when this process last went on after it was stopped
  Seconds longest_pause_{};

  mutable std::mutex mutex_;   // over what follows
  std::map<int, Peer> peers_;  // by socket
  std::vector<Sighting> ranks_;
  std::optional<Verdict> verdict_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace galvatron
