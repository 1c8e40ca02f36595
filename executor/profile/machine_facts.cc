#include "executor/profile/machine_facts.h"

#include <ATen/ops/empty.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <string>

#include "executor/launch/exit_code.h"

namespace galvatron {
namespace {

std::int64_t own_node() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return static_cast<std::int64_t>(std::hash<std::string>{}(name.data()));
}

struct MemoryInfo {
  Bytes free;
  Bytes total;
};

MemoryInfo memory_info(const at::Device& device) {
  const auto [free, total] = c10::getDeviceAllocator(device.type())->getMemoryInfo(device.index());
  return {.free = {static_cast<std::int64_t>(free)}, .total = {static_cast<std::int64_t>(total)}};
}

}  // namespace

NodeLayout layout_of_names(const std::vector<std::int64_t>& node_of_rank) {
  const auto ranks = static_cast<int>(node_of_rank.size());
  const auto other = std::find_if(node_of_rank.begin(), node_of_rank.end(),
                                  [&](std::int64_t node) { return node != node_of_rank.front(); });
  const auto per_node = static_cast<int>(other - node_of_rank.begin());
  for (int rank = 0; rank < ranks; ++rank) {
    const int first = rank / per_node * per_node;
    const auto own = node_of_rank.begin() + first;
    const bool is_with_first = node_of_rank[static_cast<std::size_t>(rank)] == *own;
    const bool is_new = std::find(node_of_rank.begin(), own, *own) == own;
    if (is_with_first && is_new && ranks % per_node == 0) continue;
    throw ExecutorError(ExitCode::launch,
                        fmt::format("every node must hold as many ranks, one after the other; rank "
                                    "{} does not lie like that",
                                    rank));
  }
  return {.nodes = ranks / per_node, .devices_per_node = per_node};
}

NodeLayout node_layout(Communicator& world, const at::Device& device) {
  at::Tensor own = at::empty({1}, at::kLong);
  own.mutable_data_ptr<std::int64_t>()[0] = own_node();
  const at::Tensor all = world.all_gather(own.to(device)).to(at::kCPU);
  const std::int64_t* first = all.const_data_ptr<std::int64_t>();
  return layout_of_names({first, first + all.numel()});
}

Bytes total_memory(const at::Device& device) {
  if (!device.is_cpu()) return memory_info(device).total;
  return {std::int64_t{sysconf(_SC_PHYS_PAGES)} * std::int64_t{sysconf(_SC_PAGESIZE)}};
}

Bytes held_memory(const at::Device& device) {
  if (!device.is_cpu()) {
    const auto [free, total] = memory_info(device);
    return total - free;
  }
  std::ifstream statm("/proc/self/statm");
  std::int64_t total = 0, resident = 0;
  statm >> total >> resident;
  return {resident * std::int64_t{sysconf(_SC_PAGESIZE)}};
}

}  // namespace galvatron
