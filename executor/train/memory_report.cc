#include "executor/train/memory_report.h"

#include <ATen/ops/empty.h>
#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <new>
#include <string_view>

#include "executor/launch/exit_code.h"
#include "planner/plan/placement.h"

namespace galvatron {
namespace {

std::string row(std::string_view name, Bytes counted, Bytes predicted) {
  return fmt::format("\n  {:<12} {:>16} {:>16}", name, counted.value, predicted.value);
}

}  // namespace

std::vector<CategoryBytes> gather_stage_peaks(Communicator& world, const Plan& plan,
                                              const CategoryBytes& own_peak) {
  at::Tensor own = at::empty({1, std::ssize(kMemoryCategoryNames)}, at::kLong);  // one row a rank
  std::int64_t* place = own.mutable_data_ptr<std::int64_t>();
  for (const auto& [category, name] : kMemoryCategoryNames) *place++ = own_peak[category].value;
  const at::Tensor all = world.all_gather(own);
  const std::int64_t* gathered = all.const_data_ptr<std::int64_t>();
  std::vector<CategoryBytes> fullest(plan.stages.size());
  for (int rank = 0; rank < world.size(); ++rank) {
    CategoryBytes peak;
    for (const auto& [category, name] : kMemoryCategoryNames) peak[category] = Bytes{*gathered++};
    CategoryBytes& of_stage = fullest[static_cast<std::size_t>(stage_of_rank(plan, rank))];
    if (peak.total() > of_stage.total()) of_stage = peak;
  }
  return fullest;
}

std::string memory_table(const CategoryBytes& counted, const MemoryParts& predicted) {
  const std::array<Bytes, kMemoryCategories> parts{predicted.parameters, predicted.gradients,
                                                   predicted.optimizer, predicted.activations,
                                                   predicted.transient};
  std::string table = fmt::format("\n  {:<12} {:>16} {:>16}", "bytes", "counted", "predicted");
  Bytes sum;
  for (std::size_t i = 0; i < kMemoryCategories; ++i) {
    const auto& [category, name] = kMemoryCategoryNames[i];
    table += row(name, counted[category], parts[i]);
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
