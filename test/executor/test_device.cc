#include "test/executor/test_device.h"

#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "executor/communication/mpi_communicator.h"
#include "executor/communication/nccl_communicator.h"
#include "executor/device/device.h"

namespace galvatron {
namespace {

bool is_set_to(const char* variable, std::string_view value) {
  const char* const text = std::getenv(variable);
  return text != nullptr && text == value;
}

bool on_gpu() { return is_set_to("GALVATRON_TEST_DEVICE", "cuda"); }
bool over_nccl() { return is_set_to("GALVATRON_TEST_TRANSPORT", "nccl"); }

// NCCL has to be told that they may.
bool ranks_share() { return !over_nccl() || is_set_to("NCCL_MULTI_RANK_GPU_ENABLE", "1"); }

}  // namespace

c10::Device test_device() {
  static const c10::Device device =
      open_device({.kind = on_gpu() ? DeviceKind::cuda : DeviceKind::cpu,
                   .local_rank = mpi_world_rank(),
                   .sharing = ranks_share() ? Sharing::shared : Sharing::own_device});
  return device;
}

bool has_test_device() {
  return !on_gpu() || cuda_devices() >= (ranks_share() ? 1 : mpi_world_size());
}

std::unique_ptr<Communicator> make_test_world(int ranks, Ledger& ledger) {
  if (!over_nccl()) return make_mpi_communicator({.first = 0, .size = ranks, .stride = 1}, ledger);
  if (ranks > mpi_world_size()) return nullptr;
  const Rendezvous all{
      .rank = mpi_world_rank(), .size = mpi_world_size(), .broadcast = mpi_broadcast};
  std::unique_ptr<Communicator> world =
      make_nccl_communicator(all, test_device(), {.ledger = &ledger});
  if (ranks == all.size) return world;
  return std::move(world->split({{.first = 0, .size = ranks, .stride = 1}}).front());
}

}  // namespace galvatron
