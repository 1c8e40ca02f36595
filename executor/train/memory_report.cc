#include "executor/train/memory_report.h"

#include <ATen/ops/full.h>
#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <new>

#include "executor/launch/exit_code.h"
#include "planner/plan/placement.h"

namespace galvatron {
namespace {

std::string row(const char* name, Bytes counted, Bytes predicted) {
  return fmt::format("\n  {:<12} {:>16} {:>16}", name, counted.value, predicted.value);
}

}  // namespace

std::vector<Bytes> gather_stage_peaks(Communicator& world, const Plan& plan, Bytes own_peak) {
  const at::Tensor peaks = world.all_gather(at::full({1}, own_peak.value, at::kLong));
  std::vector<Bytes> largest(plan.stages.size());
  for (int rank = 0; rank < world.size(); ++rank) {
    Bytes& of_stage = largest[static_cast<std::size_t>(stage_of_rank(plan, rank))];
    of_stage = std::max(of_stage, Bytes{peaks.const_data_ptr<std::int64_t>()[rank]});
  }
  return largest;
}

std::string memory_table(const CategoryBytes& counted, const MemoryParts& predicted) {
  const std::array<Bytes, kMemoryCategories> parts{predicted.parameters, predicted.gradients,
                                                   predicted.optimizer, predicted.activations,
                                                   predicted.transient};
  constexpr std::array<const char*, kMemoryCategories> names{"parameters", "gradients", "optimizer",
                                                             "activations", "transient"};
  std::string table = fmt::format("\n  {:<12} {:>16} {:>16}", "bytes", "counted", "predicted");
  Bytes sum;
  for (std::size_t i = 0; i < kMemoryCategories; ++i) {
    table += row(names[i], counted[static_cast<MemoryCategory>(i)], parts[i]);
    sum += parts[i];
  }
  return table + row("sum", counted.total(), sum);
}

void rethrow_with_memory(const LiveBytes& live_bytes, const MemoryParts& predicted) {
  const CategoryBytes counted = live_bytes.at_peak();
  const auto fail = [&](const std::string& what) {
    throw ExecutorError(ExitCode::out_of_memory, what + ":" + memory_table(counted, predicted));
  };
  try {
    throw;
  } catch (const MemoryLimitReached&) {
    fail(fmt::format("{} bytes of tensors exceed the memory limit", counted.total().value));
  } catch (const std::bad_alloc&) {
    fail("out of memory");
  } catch (const c10::OutOfMemoryError& error) {
    fail(fmt::format("out of memory: {}", error.what_without_backtrace()));
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    if (message.find("allocate memory") == std::string::npos) throw;
    fail("out of memory: " + message);
  }
  std::abort();  // every branch has thrown
}

}  // namespace galvatron
