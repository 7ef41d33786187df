#ifndef FINANCELAKE_H
#define FINANCELAKE_H

/* Written by cbindgen from native/capi: edits are lost. docs/c.md says who owns what. */

#include <stddef.h>
#include <stdint.h>

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char *format;
  const char *name;
  const char *metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema **children;
  struct ArrowSchema *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void **buffers;
  struct ArrowArray **children;
  struct ArrowArray *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};

#endif /* ARROW_C_DATA_INTERFACE */


/**
 * The version of this interface. It is raised when a function or a structure of this header changes.
 */
#define FINANCELAKE_ABI 1

/**
 * How a call ended. Everything but FINANCELAKE_STATUS_OK leaves a message for financelake_last_error().
 */
enum financelake_status {
  /**
   * Done.
   */
  FINANCELAKE_STATUS_OK = 0,
  /**
   * A null pointer, a wrong count or parameter, memory that overlaps, a malformed request. Nothing was written; the
   * object is as before.
   */
  FINANCELAKE_STATUS_INVALID_ARGUMENT = 1,
  /**
   * A function that this version does not have. Nothing was made.
   */
  FINANCELAKE_STATUS_UNSUPPORTED = 2,
  /**
   * A saved state that is damaged or of another program. The object is as before.
   */
  FINANCELAKE_STATUS_INCOMPATIBLE_STATE = 3,
  /**
   * A fault in FinanceLake, caught. Outputs hold anything, and the object refuses further calls; close it.
   */
  FINANCELAKE_STATUS_PANIC = 4,
};

/**
 * Kind of the values of an output.
 */
enum financelake_kind {
  /**
   * double
   */
  FINANCELAKE_KIND_REAL = 0,
  /**
   * int32_t
   */
  FINANCELAKE_KIND_INTEGER = 1,
};

/**
 * A program with the state of its last group. Calls on one executor take turns; executors run side by side.
 */
struct financelake_executor;

/**
 * Calls that were checked and compiled: immutable, for any number of executors and threads.
 */
struct financelake_program;

/**
 * An output of a program.
 */
struct financelake_field {
  /**
   * Its name among the outputs of its call; it belongs to the program.
   */
  const char *name;
  /**
   * Index of its call.
   */
  size_t call;
  /**
   * Kind of its values.
   */
  enum financelake_kind kind;
};

/**
 * An input column, which the caller owns and nobody writes while the call runs.
 */
struct financelake_input {
  /**
   * One value per row; NaN and infinite values stand for NULL.
   */
  const double *values;
  /**
   * Bit i % 8 of byte i / 8 is set when row i is not NULL; NULL when all rows have a value.
   */
  const uint8_t *validity;
};

/**
 * Where an output goes: memory that the caller owns, that nobody else uses while the call runs, and that overlaps no
 * other memory of the call.
 */
struct financelake_output {
  /**
   * Room for one double or int32_t per row, as the output's kind says.
   */
  void *values;
  /**
   * Room for one bit per row, (rows + 7) / 8 bytes. Rows without a result have a clear bit and the value 0. When this is
   * NULL they have NaN in an output of doubles and 0 in one of integers.
   */
  uint8_t *validity;
};

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The message of the last call on this thread that failed: what was given, why it is wrong, what to write instead. Empty
 * when none has. It belongs to the library and is valid until the next call on this thread fails.
 */
const char *financelake_last_error(void);

/**
 * FINANCELAKE_ABI of the library that was loaded; compare it with that of the header.
 */
uint32_t financelake_abi(void);

/**
 * FinanceLake's version. The text belongs to the library and stays.
 */
const char *financelake_version(void);

/**
 * All functions as JSON, with their inputs, parameters, defaults, ranges and outputs. The text belongs to the library and
 * stays.
 */
const char *financelake_functions(void);

/**
 * Compiles a request like {"columns": 2, "calls": [{"function": "rsi", "inputs": [0], "params": [14]}]}: the number of
 * input columns, and calls whose inputs are indices into them. Trailing parameters may be left out. The outputs follow in
 * the order of the calls. The text is only borrowed. Close the program after use.
 */
enum financelake_status financelake_program_open(const char *request,
                                                 struct financelake_program **program);

/**
 * Frees a program. Executors made from it go on. NULL: nothing happens.
 */
void financelake_program_close(struct financelake_program *program);

/**
 * Number of input columns; 0 for NULL.
 */
size_t financelake_program_columns(const struct financelake_program *program);

/**
 * Number of outputs; 0 for NULL.
 */
size_t financelake_program_outputs(const struct financelake_program *program);

/**
 * Describes the output with this index.
 */
enum financelake_status financelake_program_output(const struct financelake_program *program,
                                                   size_t index,
                                                   struct financelake_field *field);

/**
 * The calls with all their parameters: programs with equal descriptions have interchangeable states. The text belongs to
 * the program. NULL for NULL.
 */
const char *financelake_program_description(const struct financelake_program *program);

/**
 * The most bytes that an executor of this program keeps for histories; 0 for NULL.
 */
size_t financelake_program_memory(const struct financelake_program *program);

/**
 * Makes an executor without history. It keeps what it needs of the program. Close the executor after use.
 */
enum financelake_status financelake_executor_open(const struct financelake_program *program,
                                                  struct financelake_executor **executor);

/**
 * Frees an executor. NULL: nothing happens.
 */
void financelake_executor_close(struct financelake_executor *executor);

/**
 * Takes one row, a value per column, and writes a value per output; integers come as double. NaN stands for NULL, both
 * ways.
 */
enum financelake_status financelake_executor_push(struct financelake_executor *executor,
                                                  const double *row,
                                                  size_t columns,
                                                  double *results,
                                                  size_t outputs);

/**
 * As financelake_executor_push(), without taking the row: what the results would be if a bar that is still forming closed
 * like this.
 */
enum financelake_status financelake_executor_peek(const struct financelake_executor *executor,
                                                  const double *row,
                                                  size_t columns,
                                                  double *results,
                                                  size_t outputs);

/**
 * Forgets the history, as if the next row began a group.
 */
enum financelake_status financelake_executor_reset(struct financelake_executor *executor);

/**
 * Copies the state, for financelake_executor_restore() in this or another process, on this or another machine. Give the
 * bytes back with financelake_state_free().
 */
enum financelake_status financelake_executor_save(const struct financelake_executor *executor,
                                                  uint8_t **state,
                                                  size_t *length);

/**
 * Frees a state that financelake_executor_save() gave, with the length that it gave. NULL: nothing happens.
 */
void financelake_state_free(uint8_t *state, size_t length);

/**
 * Continues from a saved state. The bytes are only borrowed. On an error the state is the one before.
 */
enum financelake_status financelake_executor_restore(struct financelake_executor *executor,
                                                     const uint8_t *state,
                                                     size_t length);

/**
 * Takes the next rows and writes a result per row and output. `starts` are the ascending numbers of the rows at which a
 * new group begins; when row 0 is not among them, it goes on with the group of the call before.
 */
enum financelake_status financelake_executor_run(struct financelake_executor *executor,
                                                 size_t rows,
                                                 const struct financelake_input *inputs,
                                                 size_t inputs_count,
                                                 const uint32_t *starts,
                                                 size_t starts_count,
                                                 const struct financelake_output *outputs,
                                                 size_t outputs_count);

/**
 * As financelake_executor_run(), over Arrow arrays of type float64 and one length.
 *
 * The call takes the input arrays and their schemas: whatever it returns, each has been released or moved, exactly once,
 * and the `release` of your structures is NULL. Values are read where they are, without a copy. The outputs are new arrays
 * of type float64 or int32; `output_arrays` and `output_schemas` are written only when the status is
 * FINANCELAKE_STATUS_OK, and are yours to release.
 */
enum financelake_status financelake_executor_run_arrow(struct financelake_executor *executor,
                                                       struct ArrowArray *const *input_arrays,
                                                       struct ArrowSchema *const *input_schemas,
                                                       size_t inputs_count,
                                                       const uint32_t *starts,
                                                       size_t starts_count,
                                                       struct ArrowArray *output_arrays,
                                                       struct ArrowSchema *output_schemas,
                                                       size_t outputs_count);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* FINANCELAKE_H */
