#include "executor/profile/lone_communicator.h"

#include <algorithm>

namespace galvatron {
namespace {

class NoTransfer : public Request::Transfer {
 public:
  void wait() override {}
};

class LoneCommunicator : public Communicator {
 public:
  LoneCommunicator(const Membership& membership, at::Device device)
      : Communicator(membership, device) {}

  static std::unique_ptr<Communicator> root(int ranks, at::Device device) {
    return std::make_unique<LoneCommunicator>(
        Membership{.group = {.first = 0, .size = ranks, .stride = 1}, .rank = 0}, device);
  }

 private:
  void do_all_reduce(at::Tensor, ReduceOp) override {}

  void do_all_gather(at::Tensor full, const at::Tensor& shard) override {
    const std::int64_t rows = shard.size(0);
    for (int index = 0; index < size(); ++index) full.narrow(0, index * rows, rows).copy_(shard);
  }

  void do_reduce_scatter(at::Tensor shard, const at::Tensor& full) override {
    shard.copy_(full.narrow(0, 0, shard.size(0)));
  }

  void do_all_to_all(at::Tensor received, const at::Tensor& rows, const RowCounts&,
                     const RowCounts&) override {
    received.zero_();
    const std::int64_t common = std::min(received.size(0), rows.size(0));
    received.narrow(0, 0, common).copy_(rows.narrow(0, 0, common));
  }

  std::unique_ptr<Request::Transfer> do_start_send(at::Tensor, int) override {
    return std::make_unique<NoTransfer>();
  }

  std::unique_ptr<Request::Transfer> do_start_receive(at::Tensor tensor, int) override {
    tensor.zero_();
    return std::make_unique<NoTransfer>();
  }

  void do_barrier() override {}

  std::unique_ptr<Communicator> do_split(int color, const Membership& member) override {
    if (color == kNoColor) return nullptr;
    return std::make_unique<LoneCommunicator>(member, device());
  }
};

}  // namespace

std::unique_ptr<Communicator> make_lone_communicator(int ranks, at::Device device) {
  return LoneCommunicator::root(ranks, device);
}

}  // namespace galvatron
