#include "cli/output.h"

#include <unistd.h>

enum err output_open(struct output *output, struct str path, struct arena *arena,
                     struct fault *fault)
{
    *output = (struct output){.file = stdout, .fault = fault};
    if (str_is_null(path))
        return ERR_NONE;
    output->path = arena_cstr(arena, path);
    output->partial = arena_fmt(arena, "%s.partial", output->path).ptr;
    output->file = fopen(output->partial, "w");
    return output->file != NULL ? ERR_NONE : fault_errno(fault, ERR_IO, path);
}

static struct str name_of(const struct output *output)
{
    return output->path == NULL ? STR("standard output") : str_of(output->path);
}

enum err output_put(void *output, struct str piece)
{
    const struct output *out = output;
    if (fwrite(piece.ptr, 1, piece.len, out->file) != piece.len)
        return fault_errno(out->fault, ERR_IO, name_of(out));
    return ERR_NONE;
}

enum err output_close(struct output *output, enum err err)
{
    if (output->path == NULL) {
        if (fflush(stdout) != 0 && err == ERR_NONE)
            err = fault_errno(output->fault, ERR_IO, name_of(output));
        return err;
    }
    bool is_whole = fflush(output->file) == 0 && fsync(fileno(output->file)) == 0;
    is_whole = fclose(output->file) == 0 && is_whole;
    if (err == ERR_NONE && (!is_whole || rename(output->partial, output->path) != 0))
        err = fault_errno(output->fault, ERR_IO, name_of(output));
    if (err != ERR_NONE)
        unlink(output->partial);
    return err;
}
