#include "executor/communication/rendezvous.h"

#include <c10/util/Exception.h>
#include <c10/util/intrusive_ptr.h>
#include <fmt/format.h>

#include <chrono>
#include <string>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <utility>

#include "executor/launch/exit_code.h"

namespace galvatron {
namespace {

constexpr std::chrono::seconds kPatience{60};  // ranks of large runs start minutes apart

class StoreBroadcast {
 public:
  StoreBroadcast(c10::intrusive_ptr<c10d::Store> store, std::string prefix, int rank)
      : store_(std::move(store)), prefix_(std::move(prefix)), rank_(rank) {}

  std::string operator()(std::string text) {
    const std::string key = fmt::format("{}/{}", prefix_, count_++);
    if (rank_ == 0) {
      store_->set(key, std::vector<std::uint8_t>(text.begin(), text.end()));
      return text;
    }
    const std::vector<std::uint8_t> bytes = store_->get(key);
    return {bytes.begin(), bytes.end()};
  }

 private:
  c10::intrusive_ptr<c10d::Store> store_;
  std::string prefix_;
  int rank_;
  int count_ = 0;
};

}  // namespace

Rendezvous rendezvous_over_store(const StoreAddress& address, int rank, int size) try {
  c10d::TCPStoreOptions options;
  options.port = address.port;
  options.isServer = rank == 0 && !address.served_by_launcher;
  options.waitWorkers = false;
  options.timeout = kPatience;
  return {.rank = rank,
          .size = size,
          .broadcast = StoreBroadcast(c10::make_intrusive<c10d::TCPStore>(address.host, options),
                                      fmt::format("galvatron/{}", address.run), rank)};
} catch (const c10::Error& error) {
  throw ExecutorError(ExitCode::launch,
                      fmt::format("no store at MASTER_ADDR:MASTER_PORT {}:{}: {}", address.host,
                                  address.port, error.what_without_backtrace()));
}

}  // namespace galvatron
