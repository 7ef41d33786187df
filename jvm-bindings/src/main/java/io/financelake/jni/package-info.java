/** The Java face of the native library: load it, call it, close what it gave, translate its errors. */
package io.financelake.jni;
