package localelastic;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.plugins.PluginBundle;
import org.elasticsearch.plugins.PluginDescriptor;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Plugins from the class path instead of from the folders of an Elasticsearch distribution.
 *
 * <p>Elasticsearch has no public way to do this. The three constructors opened below are the only private parts of
 * Elasticsearch that this program uses: look here first when a new version does not start.
 */
final class ClasspathPlugins {
    private static final List<String> NAMES = List.of("transport-netty4", "localelastic");

    private ClasspathPlugins() {}

    static PluginsLoader load(Path home) throws IOException, ReflectiveOperationException {
        ClassLoader loader = ClasspathPlugins.class.getClassLoader();
        Class<?> layer = Class.forName(PluginsLoader.class.getName() + "$LoadedPluginLayer");
        var newBundle = open(PluginBundle.class, PluginDescriptor.class, Path.class);
        var newLayer = open(
            layer, PluginBundle.class, ClassLoader.class, ModuleLayer.class, ClassLoader.class, ModuleLayer.class);
        var newLoader = open(PluginsLoader.class, Set.class, Set.class, Map.class);

        Set<PluginBundle> bundles = new LinkedHashSet<>();
        Map<String, Object> layers = new HashMap<>();
        for (String name : NAMES) {
            Path noFiles = Files.createDirectories(home.resolve("tmp").resolve("plugins").resolve(name));
            PluginBundle bundle = newBundle.newInstance(descriptor(loader, name), noFiles);
            bundles.add(bundle);
            layers.put(name, newLayer.newInstance(bundle, loader, ModuleLayer.boot(), loader, ModuleLayer.boot()));
        }
        return newLoader.newInstance(bundles, Set.of(), layers);
    }

    private static PluginDescriptor descriptor(ClassLoader loader, String name) throws IOException {
        String path = "META-INF/es-plugins/" + name + "/plugin-descriptor.properties";
        try (InputStream stream = loader.getResourceAsStream(path)) {
            if (stream == null) {
                throw new IllegalStateException(path + " is not on the class path");
            }
            return PluginDescriptor.readInternalDescriptorFromStream(stream);
        }
    }

    private static <T> Constructor<T> open(Class<T> type, Class<?>... parameters) throws NoSuchMethodException {
        Constructor<T> constructor = type.getDeclaredConstructor(parameters);
        constructor.setAccessible(true);
        return constructor;
    }
}
