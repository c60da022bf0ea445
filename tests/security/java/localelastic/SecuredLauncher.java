package localelastic;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.KeyStoreWrapper;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.http.HttpServerTransport;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginBundle;
import org.elasticsearch.plugins.PluginDescriptor;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * As {@link Launcher}, with x-pack-core and x-pack-security: {@code SecuredLauncher HOME CORE SECURITY setting=value …}
 *
 * <p>CORE and SECURITY are the folders of those plugins' jars. The first line of standard input is the password of the
 * user {@code elastic}; the node ends when standard input does.
 */
public final class SecuredLauncher {
    private SecuredLauncher() {}

    public static void main(String[] arguments) {
        PrintStream protocol = System.out;
        System.setOut(System.err);
        try {
            Node node = create(arguments, line(System.in));
            node.start();
            int port = node.injector().getInstance(HttpServerTransport.class).boundAddress().publishAddress().getPort();
            protocol.println("STARTED " + port);
            while (System.in.read() >= 0) {}
            node.prepareForClose();
            node.close();
        } catch (Throwable failure) {
            failure.printStackTrace();
            protocol.println("FAILED " + String.valueOf(failure).replace('\n', ' '));
            System.exit(1);
        }
        System.exit(0);
    }

    private static char[] line(InputStream input) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int read = input.read(); read >= 0 && read != '\n'; read = input.read()) {
            text.append((char) read);
        }
        return text.toString().toCharArray();
    }

    private static Node create(String[] arguments, char[] password) throws Exception {
        Path home = Path.of(arguments[0]).toAbsolutePath();
        KeyStoreWrapper secrets = KeyStoreWrapper.create();
        secrets.setString("bootstrap.password", password);
        Settings.Builder builder = Settings.builder().put("path.home", home);
        builder.setSecureSettings(secrets);
        for (int i = 3; i < arguments.length; i++) {
            String[] setting = arguments[i].split("=", 2);
            builder.put(setting[0], setting[1]);
        }
        Settings settings = builder.build();
        LogConfigurator.configureWithoutConfig(settings);
        LogConfigurator.setNodeName(Node.NODE_NAME_SETTING.get(settings));
        Environment environment = new Environment(settings, home.resolve("config"));
        return new Node(environment, plugins(home, Path.of(arguments[1]), Path.of(arguments[2])));
    }

    /** Each plugin of x-pack has a loader of its own, below that of the one it extends. */
    private static PluginsLoader plugins(Path home, Path core, Path security) throws Exception {
        ClassLoader own = SecuredLauncher.class.getClassLoader();
        ClassLoader ofCore = new PluginLoader(core, own, own);
        ClassLoader ofSecurity = new PluginLoader(security, ofCore, own);
        Class<?> layer = Class.forName(PluginsLoader.class.getName() + "$LoadedPluginLayer");
        var newBundle = open(PluginBundle.class, PluginDescriptor.class, Path.class);
        var newLayer =
            open(layer, PluginBundle.class, ClassLoader.class, ModuleLayer.class, ClassLoader.class, ModuleLayer.class);
        var newLoader = open(PluginsLoader.class, Set.class, Set.class, Map.class);
        Set<PluginBundle> bundles = new LinkedHashSet<>();
        Map<String, Object> layers = new HashMap<>();
        for (String name : List.of("transport-netty4", "localelastic", "secured", "x-pack-core", "x-pack-security")) {
            ClassLoader loader = name.equals("x-pack-core") ? ofCore : name.equals("x-pack-security") ? ofSecurity : own;
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
                throw new IllegalStateException(path + " is not there");
            }
            return PluginDescriptor.readInternalDescriptorFromStream(stream);
        }
    }

    private static <T> Constructor<T> open(Class<T> type, Class<?>... parameters) throws NoSuchMethodException {
        Constructor<T> constructor = type.getDeclaredConstructor(parameters);
        constructor.setAccessible(true);
        return constructor;
    }

    /** A plugin's classes; services are those of the node and its own, not those of the plugin that it extends. */
    private static final class PluginLoader extends URLClassLoader {
        private final ClassLoader node;

        PluginLoader(Path folder, ClassLoader parent, ClassLoader node) throws IOException {
            super(jars(folder), parent);
            this.node = node;
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            if (name.startsWith("META-INF/services/") == false) {
                return super.getResources(name);
            }
            List<URL> found = Collections.list(node.getResources(name));
            found.addAll(Collections.list(findResources(name)));
            return Collections.enumeration(found);
        }

        private static URL[] jars(Path folder) throws IOException {
            try (var files = Files.list(folder)) {
                return files.map(Path::toUri).map(PluginLoader::url).toArray(URL[]::new);
            }
        }

        private static URL url(java.net.URI place) {
            try {
                return place.toURL();
            } catch (IOException impossible) {
                throw new IllegalArgumentException(impossible);
            }
        }
    }
}
