#include "executor/communication/rendezvous.h"

#include <c10/util/Exception.h>
#include <c10/util/intrusive_ptr.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <utility>

#include "executor/launch/exit_code.h"

namespace galvatron {
namespace {

constexpr std::chrono::seconds kPatience{60};  // ranks of large runs start minutes apart

class StoreBroadcast {
 public:
  StoreBroadcast(c10::intrusive_ptr<c10d::Store> store, StoreAddress address, int rank)
      : store_(std::move(store)), address_(std::move(address)), rank_(rank) {}

  std::string operator()(std::string text) try {
    const std::string key = fmt::format("galvatron/{}/{}", address_.run, (*said_)++);
    if (rank_ == 0) {
      store_->set(key, std::vector<std::uint8_t>(text.begin(), text.end()));
      return text;
    }
    const std::vector<std::uint8_t> bytes = store_->get(key);
    return {bytes.begin(), bytes.end()};
  } catch (const c10::Error& error) {
    throw ExecutorError(ExitCode::launch,
                        fmt::format("{} over the store at {}:{}: {}",
                                    rank_ == 0 ? "rank 0 cannot speak" : "rank 0 did not answer",
                                    address_.host, address_.port, error.what_without_backtrace()));
  }

 private:
  c10::intrusive_ptr<c10d::Store> store_;
  StoreAddress address_;
  int rank_;
  std::shared_ptr<int> said_ = std::make_shared<int>(0);  // by all copies together
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
                                      address, rank)};
} catch (const c10::Error& error) {
  throw ExecutorError(ExitCode::launch,
                      fmt::format("no store at MASTER_ADDR:MASTER_PORT {}:{}: {}", address.host,
                                  address.port, error.what_without_backtrace()));
}

}  // namespace galvatron
