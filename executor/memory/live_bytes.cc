#include "executor/memory/live_bytes.h"

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <optional>
#include <unordered_map>
#include <utility>

namespace galvatron {

Bytes CategoryBytes::total() const {
  Bytes sum;
  for (const Bytes bytes : bytes_) sum += bytes;
  return sum;
}

namespace {

// By total, then by what is known to be kept: a forward pass that is under way knows least.
bool is_higher(const CategoryBytes& now, const CategoryBytes& peak) {
  constexpr auto kKept = MemoryCategory::activations;
  return std::pair(now.total(), now[kKept]) > std::pair(peak.total(), peak[kKept]);
}

}  // namespace

class LiveBytes::Reporter : public c10::MemoryReportingInfoBase {
 public:
  explicit Reporter(c10::Device device) : device_(device) {}

  void reportMemoryUsage(void* pointer, std::int64_t bytes, std::size_t, std::size_t,
                         c10::Device device) override {
    if (device.type() != device_.type()) return;
    if (bytes > 0) {
      add(pointer, Bytes{bytes});
    } else {
      remove(pointer);
    }
  }
  bool memoryProfilingEnabled() const override { return true; }

  // Allocations numbered `first` and later that are still transient become activations.
  void keep_since(std::size_t first) {
    for (auto& [pointer, allocation] : allocations_) {
      if (allocation.number < first || allocation.category != MemoryCategory::transient) continue;
      now[MemoryCategory::transient] -= allocation.bytes;
      now[MemoryCategory::activations] += allocation.bytes;
      allocation.category = MemoryCategory::activations;
    }
  }

  void check_limit() const {
    if (limit && now.total() > *limit) throw MemoryLimitReached();
  }

  CategoryBytes now;
  CategoryBytes at_peak;
  std::optional<Bytes> limit;
  MemoryCategory category = MemoryCategory::transient;
  std::size_t allocation_count = 0;

 private:
  struct Allocation {
    Bytes bytes;
    MemoryCategory category = MemoryCategory::transient;
    std::size_t number = 0;
  };

  void add(void* pointer, Bytes bytes) {
    allocations_[pointer] = {bytes, category, allocation_count++};
    now[category] += bytes;
    if (is_higher(now, at_peak)) at_peak = now;
    check_limit();
  }

  // What was allocated before counting began is not in the table.
  void remove(void* pointer) {
    const auto found = allocations_.find(pointer);
    if (found == allocations_.end()) return;
    now[found->second.category] -= found->second.bytes;
    allocations_.erase(found);
  }

  c10::Device device_;
  std::unordered_map<void*, Allocation> allocations_;
};

class LiveBytes::Installation {
 public:
  explicit Installation(const std::shared_ptr<Reporter>& reporter)
      : guard_(c10::DebugInfoKind::PROFILER_STATE, reporter) {}

 private:
  c10::DebugInfoGuard guard_;
};

LiveBytes::LiveBytes(c10::Device device)
    : reporter_(std::make_shared<Reporter>(device)),
      installation_(std::make_unique<Installation>(reporter_)) {}

LiveBytes::~LiveBytes() = default;

CategoryBytes LiveBytes::now() const { return reporter_->now; }
CategoryBytes LiveBytes::at_peak() const { return reporter_->at_peak; }
void LiveBytes::reset_peak() { reporter_->at_peak = reporter_->now; }

void LiveBytes::set_limit(Bytes limit) {
  reporter_->limit = limit;
  reporter_->check_limit();
}

CategoryScope::CategoryScope(LiveBytes& live_bytes, MemoryCategory category)
    : live_bytes_(live_bytes), outer_(live_bytes.reporter_->category) {
  live_bytes_.reporter_->category = category;
}

CategoryScope::~CategoryScope() { live_bytes_.reporter_->category = outer_; }

KeptScope::KeptScope(LiveBytes& live_bytes)
    : scope_(live_bytes, MemoryCategory::transient),
      live_bytes_(live_bytes),
      first_(live_bytes.reporter_->allocation_count) {}

KeptScope::~KeptScope() { live_bytes_.reporter_->keep_since(first_); }

}  // namespace galvatron
