// Live and peak bytes of the tensors of one device, by what they are for.
//
// LibTorch reports every allocation of its allocators to the object that a thread has installed.
// LiveBytes is that object: it sees what its own thread, and autograd on its behalf, allocates and
// frees while it lives. A GPU's allocator rounds up to 512 bytes.
// Each allocation belongs to the category that was current when it was made. A forward pass does
// not know yet which of its tensors will be kept, so its allocations are transient until it ends:
// those still alive then become activations (see KeptScope).
#pragma once

#include <c10/core/Device.h>

#include <array>
#include <cstddef>
#include <memory>
#include <stdexcept>

#include "cost_models/named_values.h"
#include "cost_models/units.h"

namespace galvatron {

enum class MemoryCategory { parameters, gradients, optimizer, activations, transient };

inline constexpr NamedValues<MemoryCategory, 5> kMemoryCategoryNames{
    {{MemoryCategory::parameters, "parameters"},
     {MemoryCategory::gradients, "gradients"},
     {MemoryCategory::optimizer, "optimizer"},
     {MemoryCategory::activations, "activations"},
     {MemoryCategory::transient, "transient"}}};
inline constexpr std::size_t kMemoryCategories = kMemoryCategoryNames.size();

class CategoryBytes {
 public:
  Bytes& operator[](MemoryCategory category) { return bytes_[static_cast<std::size_t>(category)]; }
  Bytes operator[](MemoryCategory category) const {
    return bytes_[static_cast<std::size_t>(category)];
  }
  Bytes total() const;

  bool operator==(const CategoryBytes&) const = default;

 private:
  std::array<Bytes, kMemoryCategories> bytes_{};
};

// More bytes live than the limit allows: thrown by the allocation that went beyond it.
struct MemoryLimitReached : std::runtime_error {
  MemoryLimitReached() : std::runtime_error("the memory limit is reached") {}
};

class LiveBytes {
 public:
  // Begins to count on this thread; one at a time per thread.
  explicit LiveBytes(c10::Device device = c10::DeviceType::CPU);
  ~LiveBytes();  // on the same thread
  LiveBytes(const LiveBytes&) = delete;
  LiveBytes& operator=(const LiveBytes&) = delete;

  CategoryBytes now() const;
  // Of the moment when the total was largest; of several such, when most was known to be kept.
  CategoryBytes at_peak() const;
  void reset_peak();  // the peak is what lives now

  // From now on allocations beyond it throw MemoryLimitReached; at once if it is exceeded already.
  void set_limit(Bytes limit);

 private:
  friend class CategoryScope;
  friend class KeptScope;
  class Reporter;
  class Installation;
  std::shared_ptr<Reporter> reporter_;
  std::unique_ptr<Installation> installation_;
};

// What is allocated inside belongs to `category`. Without one it is transient.
class CategoryScope {
 public:
  CategoryScope(LiveBytes& live_bytes, MemoryCategory category);
  ~CategoryScope();
  CategoryScope(const CategoryScope&) = delete;
  CategoryScope& operator=(const CategoryScope&) = delete;

 private:
  LiveBytes& live_bytes_;
  MemoryCategory outer_;
};

// What is allocated inside is transient, and an activation if it still lives at the end.
class KeptScope {
 public:
  explicit KeptScope(LiveBytes& live_bytes);
  ~KeptScope();
  KeptScope(const KeptScope&) = delete;
  KeptScope& operator=(const KeptScope&) = delete;

 private:
  CategoryScope scope_;
  LiveBytes& live_bytes_;
  std::size_t first_;  // number of the first allocation inside
};

}  // namespace galvatron
